# Functions for tests in shell.

# fail TEXT: ends the test. skip TEXT: ends it as one that cannot run here.
fail() {
  echo "FAILED: $*" >&2
  exit 1
}
skip() {
  echo "SKIP: $*"
  exit 77
}
