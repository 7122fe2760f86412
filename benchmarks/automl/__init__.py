"""``phish run-all --budget`` beside FLAML and AutoGluon, at equal time on the clock."""
