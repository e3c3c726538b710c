"""What an operator sees of a run."""

from news_examples import alert

from flows.orchestration.artifacts import alert_table


def test_an_alert_that_was_sent_is_called_sent() -> None:
    """After ``detect`` it is to be sent, after ``notify`` it was; one that is kept back says why in both."""
    alerts = [alert(1), alert(2, suppressed="muted")]
    assert [row.split(" | ")[3] for row in alert_table(alerts).splitlines()[2:]] == ["to be sent", "muted"]
    assert [row.split(" | ")[3] for row in alert_table(alerts, fate="sent").splitlines()[2:]] == ["sent", "muted"]
