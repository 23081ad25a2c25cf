// Labels as text, as IDX and as an array.
#include "data/labels.h"
#include "fuzz/target.h"

namespace inoculate::fuzz {
namespace {

void read(ByteView file) {
  Labels labels;
  if (!accepts("fuzz.txt", [&] { labels = parse_labels(file, "fuzz.txt"); })) return;
  demand(!labels.empty(), "no labels at all");
  for (const auto label : labels) demand(label >= 0, "a negative label");
  accepts("fuzz.txt", [&] { require_labels(labels, 10, "fuzz.txt"); });
}

const Target target("labels", read);

}  // namespace
}  // namespace inoculate::fuzz
