#include "native/robustness_outputs.h"

#include <iostream>
#include <numeric>

#include "native/files.h"
#include "native/output.h"
#include "native/per_image.h"
#include "native/robustness_json.h"
#include "native/robustness_report.h"
#include "native/robustness_text.h"

namespace inoculate {
namespace {

std::filesystem::path page_of(const RobustnessOutputs& outputs) {
  if (outputs.report.empty()) return {};
  return std::filesystem::path(outputs.report) / "index.html";
}

void write_text(const std::filesystem::path& path, const std::string& text) {
  write_file_atomically(path, Bytes(text.begin(), text.end()));
}

}  // namespace

void add_robustness_outputs(Command command, RobustnessOutputs& outputs) {
  command.add_option("--curve", outputs.curve,
                     "Write accuracy over epsilon to this name with .csv and .png");
  command.add_option("--report", outputs.report,
                     "Write all of it as one page, index.html, to this folder");
  command.add_option("--per-image", outputs.per_image,
                     "Write which attacks broke each image to this CSV file");
}

void prepare(const RobustnessOutputs& outputs, const std::vector<FileOption>& inputs) {
  refuse_dash(outputs.curve);
  std::vector<FileOption> files;
  if (!outputs.curve.empty()) {
    for (const char* ending : {".csv", ".png"})
      files.push_back({"--curve", outputs.curve + ending});
  }
  files.push_back({"--per-image", outputs.per_image});
  if (!outputs.report.empty()) make_folder(outputs.report, "--report");
  files.push_back({"--report", page_of(outputs)});
  check_files(files, inputs);
}

void tell_robustness(const RobustnessRun& run, const Labels& labels,
                     const RobustnessOutputs& outputs, bool json) {
  const std::filesystem::path page = page_of(outputs);
  if (!outputs.curve.empty()) write_curves(run, outputs.curve);
  if (!page.empty()) write_text(page, robustness_page(run, outputs.report));
  if (!outputs.per_image.empty()) {
    std::vector<int> numbers(labels.size());
    std::iota(numbers.begin(), numbers.end(), 0);
    write_text(outputs.per_image, per_image_csv(run, labels, numbers));
  }
  if (json) {
    print_object(to_json(run));
    return;
  }
  print_robustness(std::cout, run);
  if (!page.empty()) std::cout << "\nreport: " << page.string() << '\n';
}

}  // namespace inoculate
