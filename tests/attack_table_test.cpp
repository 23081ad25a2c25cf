// The documentation's table of attacks says what the registry does.
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "attack/registry.h"
#include "catch.h"
#include "golden_files.h"
#include "paths.h"

using namespace inoculate;

namespace {

std::string expected_row(const AttackMethod& method) {
  const std::map<Norm, std::string> names{
      {Norm::kLinf, "linf"}, {Norm::kL2, "l2"}, {Norm::kL1, "l1"}, {Norm::kL0, "l0"}};
  std::string norms;
  for (const Norm norm : method.norms) norms += (norms.empty() ? "" : ", ") + names.at(norm);
  return "| `" + std::string(method.name) + "` | " + (norms.empty() ? "none" : norms) + " | " +
         (method.inside ? std::string("the inside of ") + kind_name(*method.inside)
                        : std::string(knowledge_name(method.knowledge))) +
         " | " + method.paper + " |";
}

}  // namespace

TEST_CASE("the documentation lists the registry's attacks, in its order") {
  const Bytes bytes = read_whole_file(in_source("/docs/attacks.md"));
  std::vector<std::string> rows, expected;
  std::istringstream lines(std::string(bytes.begin(), bytes.end()));
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("| `") && inside) rows.push_back(line);
    inside = line.starts_with("|") && (inside || line.starts_with("| attack | norm |"));
  }
  for (const AttackMethod& method : attack_methods()) expected.push_back(expected_row(method));
  CHECK(rows == expected);
}
