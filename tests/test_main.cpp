// main() of the tests, for Catch2 2 (a single header) and 3 alike, native and under node.
#define CATCH_CONFIG_RUNNER
#include <iostream>

#include "catch.h"
#include "skip.h"

namespace inoculate {
namespace {

constexpr int kSkipped = 77;  // SKIP_RETURN_CODE in CMakeLists.txt
bool skipped = false;

}  // namespace

void skip(const std::string& why) {
  std::cout << "SKIP: " << why << std::endl;
  skipped = true;
}

}  // namespace inoculate

int main(int argc, char* argv[]) {
  const int result = Catch::Session().run(argc, argv);
  return result == 0 && inoculate::skipped ? inoculate::kSkipped : result;
}
