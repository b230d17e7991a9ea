.PHONY: test
test: .local/venv/bin/pytest
	.local/venv/bin/pytest
.local/venv/bin/pytest:
	python3 -m venv .local/venv
	.local/venv/bin/python -m pip install --quiet pytest
