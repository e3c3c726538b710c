"""Which sentences date themselves to long before their article."""

from datetime import UTC, datetime

import pytest

from extractors.text.past_sentences import is_history

PUBLISHED = datetime(2023, 5, 25, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sentence", "history"),
    [
        ("The minister said on October 29 that drones would be shot down.", True),
        ("The minister warned on 29 October that drones would be shot down.", True),
        ("A cargo plane stands on the tarmac of the airport on March 21, 2022.", True),
        ("The missile was first fired on 18 March 2022.", True),
        ("The minister said on Oct. 29th that drones would be shot down.", True),
        ("The minister said on May 24 that drones would be shot down.", False),
        ("The minister said on April 27 that drones would be shot down.", False),
        ("The minister threatened to cut off the gas on October 1.", False),
        ("The missile, first fired on 18 March 2022, hit the port on Monday.", False),
        ("The order of March 3, 2022 is now complete: the tanks have arrived.", False),
        ("The first tanks came on March 3, 2022, the last on May 20, 2023.", False),
        ("Deliveries are to begin by December 31, 2024.", False),
        ("The minister said on February 31 that he was joking.", False),
        ("The minister said on Tuesday that drones would be shot down.", False),
        ("Drones would be shot down, the minister said.", False),
    ],
)
def test_what_is_dated_long_ago_is_history(sentence: str, history: bool) -> None:
    """A day of this year or of the future, a weekday, or no date leave it news."""
    assert is_history(sentence, published=PUBLISHED) is history


def test_without_a_date_of_the_article_nothing_is_history() -> None:
    """Nobody can say how long ago it was."""
    assert not is_history("The minister said on October 29 that drones would be shot down.", published=None)
