// main() of the tests, for Catch2 2 (a single header) and 3 alike, native and under node.
#define CATCH_CONFIG_RUNNER
#include "catch.h"

int main(int argc, char* argv[]) { return Catch::Session().run(argc, argv); }
