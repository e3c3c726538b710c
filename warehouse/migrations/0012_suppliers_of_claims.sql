ALTER TABLE claims ADD COLUMN supplier VARCHAR;
COMMENT ON COLUMN claims.supplier IS 'Of a stage: who gives, as the first report has it';
