// Parts of judgements, and sweeps: what a run on many machines reads.
#include "fuzz/target.h"
#include "native/part_file.h"
#include "native/sweep_file.h"

namespace inoculate::fuzz {
namespace {

void read_part(std::string_view text) {
  Part part;
  if (!accepts("fuzz.json: ", [&] { part = parse_part(text, "fuzz.json"); })) return;
  const std::size_t models = part.run.same["models"].size();
  demand(part.models.size() <= models && part.signs.size() <= part.models.size(),
         "findings of more models than there are");
  for (const Findings& findings : part.models) {
    demand(findings.outcomes.read.size() <= part.labels.size(), "more images than the part has");
  }
}

void read_sweep(std::string_view text) {
  constexpr std::size_t kMostArguments = 1000;  // what takes long is no fault
  Sweep sweep;
  if (!accepts("fuzz.json: ", [&] { sweep = parse_sweep(text, "fuzz.json"); })) return;
  const std::vector<SweepCell> cells = cells_of(sweep);
  demand(!cells.empty() && cells.size() <= kMostCells, "no cells, or too many");
  for (std::size_t i = 0; i < std::min(cells.size(), kMostArguments); ++i) {
    demand(cells[i].name.find('/') == std::string::npos, "a cell in a folder of another");
    for (const SweepStep& step : sweep.steps) arguments_of(sweep, cells[i], step);
  }
}

void read(ByteView bytes) {
  read_part(text_of(bytes));
  read_sweep(text_of(bytes));
}

const Target target("native_runs", read);

}  // namespace
}  // namespace inoculate::fuzz
