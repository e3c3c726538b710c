-- What analysts correct about transfers ------------------------------------------------------------------------------

ALTER TABLE corrections ADD COLUMN value VARCHAR;
COMMENT ON COLUMN corrections.value IS 'Of a transfer: the stage, side or weapon that is right; empty where none is known, and for a direction';
COMMENT ON COLUMN corrections.kind IS 'false_positive, merge, split, speaker, stage, supplier, recipient, weapon or direction';
COMMENT ON COLUMN corrections.other IS 'Of a merge the claim that joined it; of a split, and of a false positive of one report, the claim that left it; of a transfer the claim its reports make now: claims.id';

ALTER TABLE corrected ADD COLUMN weapon VARCHAR;
ALTER TABLE corrected ADD COLUMN supplier VARCHAR;
ALTER TABLE corrected ADD COLUMN recipient VARCHAR;
ALTER TABLE corrected ADD COLUMN stage VARCHAR;
ALTER TABLE corrected ADD COLUMN supplier_text VARCHAR;
ALTER TABLE corrected ADD COLUMN recipient_text VARCHAR;
COMMENT ON COLUMN corrected.weapon IS 'Of a transfer: the weapon as it was read before';
COMMENT ON COLUMN corrected.supplier IS 'Of a transfer: who was taken for the supplier before';
COMMENT ON COLUMN corrected.recipient IS 'Of a transfer: who was taken for the recipient before';
COMMENT ON COLUMN corrected.stage IS 'Of a transfer: the stage as it was read before';
COMMENT ON COLUMN corrected.supplier_text IS 'That supplier as the article writes it';
COMMENT ON COLUMN corrected.recipient_text IS 'That recipient as the article writes it';

CREATE TABLE corrected_alerts (
    correction VARCHAR NOT NULL,
    alert VARCHAR NOT NULL,
    headline VARCHAR NOT NULL,
    why VARCHAR NOT NULL,
    severity INTEGER NOT NULL,
    status VARCHAR NOT NULL,
    suppressed VARCHAR
);
COMMENT ON TABLE corrected_alerts IS 'What alerts said before a transfer they tell of was corrected';
COMMENT ON COLUMN corrected_alerts.correction IS 'The correction: corrections.id';
COMMENT ON COLUMN corrected_alerts.alert IS 'The alert: alerts.id';
COMMENT ON COLUMN corrected_alerts.headline IS 'What it said was new';
COMMENT ON COLUMN corrected_alerts.why IS 'Why it said so';
COMMENT ON COLUMN corrected_alerts.severity IS 'How severe it was, 1 to 5';
COMMENT ON COLUMN corrected_alerts.status IS 'Where it stood: pending, delivered, suppressed, held or dead_letter';
COMMENT ON COLUMN corrected_alerts.suppressed IS 'Why it was not sent; empty when it was';

ALTER TABLE claims ADD COLUMN misread BOOLEAN DEFAULT false;
COMMENT ON COLUMN claims.misread IS 'An analyst corrected what it says: its reports make the claim it is merged into, and only copies of them still join that by this id';

ALTER TABLE deliveries ADD COLUMN corrections VARCHAR;
COMMENT ON COLUMN deliveries.corrections IS 'The corrections that its message told of when it was last drawn: corrections.id, separated by spaces';
