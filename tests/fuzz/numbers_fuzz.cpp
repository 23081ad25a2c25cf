// Numbers and lists as people type them, in the command, in links and in scripts.
#include <cmath>

#include "base/numbers.h"
#include "fuzz/target.h"

namespace inoculate::fuzz {
namespace {

void read(ByteView bytes) {
  const std::string_view text = text_of(bytes);
  if (const auto number = parse_number(text)) {
    demand(std::isfinite(*number), "a number that is none");
    const auto mistake = linf_mistake(*number);
    demand(mistake.has_value() != (*number >= 0 && *number <= 1), "a size is taken wrongly");
    if (mistake) demand_refusal(*mistake, "");
  }
  std::size_t letters = 0;
  const auto entries = split_list(text);
  for (const std::string& entry : entries) {
    letters += entry.size();
    demand(entry.find(',') == std::string::npos, "an entry that is two");
  }
  demand(letters + entries.size() - 1 <= text.size(), "more letters than there were");
}

const Target target("numbers", read);

}  // namespace
}  // namespace inoculate::fuzz
