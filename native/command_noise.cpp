// inoculate noise: what a model reads in pictures that show nothing.
#include <iostream>
#include <memory>

#include "native/classifier.h"
#include "native/commands.h"
#include "native/file_options.h"
#include "native/files.h"
#include "native/noise_options.h"
#include "native/noise_run.h"
#include "native/output.h"
#include "native/png.h"
#include "native/preprocess_options.h"
#include "native/progress.h"
#include "native/results.h"

namespace inoculate {
namespace {

struct Options {
  std::string model;
  PreprocessOptions preprocess;
  std::string mean = "50:200:10", sigma = "10:100:2";
  bool grid = false;
  int top = 20;
  int draws = 1;
  std::string clip = "before";
  std::string out, summary, sheet;
};

NoiseRun run_of(const Options& options, std::uint64_t seed) {
  constexpr std::size_t kMostPictures = 1'000'000;
  NoiseRun run;
  run.levels = noise_levels(parse_range("--mean", options.mean, 0, kLargestMean),
                            parse_range("--sigma", options.sigma, 0, kLargestSigma), options.grid);
  run.draws = options.draws;
  run.top = options.top;
  run.clip = options.clip == "before" ? NoiseClip::kBefore : NoiseClip::kAfter;
  run.seed = seed;
  if (run.levels.size() > kMostPictures / static_cast<std::size_t>(run.draws)) {
    throw UsageError(
        "--mean, --sigma and --draws name more than 1,000,000 pictures; take larger "
        "steps or fewer draws");
  }
  return run;
}

Json to_json(const ModelSpec& model, const NoiseRun& run,
             const std::vector<NoiseReading>& readings) {
  Json levels = Json::array();
  for (const NoiseReading& reading : readings) {
    const int label = reading.guesses.front().front().label;
    Json level{{"mu", reading.level.mean},
               {"sigma", reading.level.sigma},
               {"max", reading.confidence()},
               {"label", label},
               {"class", class_name(model, label)}};
    if (const auto interval = reading.interval()) {
      level["max_interval"] = {interval->low, interval->high};
    }
    levels.push_back(std::move(level));
  }
  return {{"model", model.name},
          {"clip", run.clip == NoiseClip::kBefore ? "before" : "after"},
          {"draws", run.draws},
          {"seed", run.seed},
          {"levels", std::move(levels)}};
}

void noise(const Options& options, const CommonOptions& common) {
  const NoiseRun run = run_of(options, common.seed);
  std::vector<FileOption> inputs;
  add_model_inputs(inputs, "--model", options.model, options.preprocess);
  check_files({{"--out", options.out}, {"--summary", options.summary}, {"--sheet", options.sheet}},
              inputs);
  ModelNotes notes = notes_of(options.preprocess);
  const std::unique_ptr<Classifier> model = load_classifier(options.model, &notes);
  const ModelSpec& spec = model->spec();
  if (!options.sheet.empty() && !sheet_form(spec)) {
    throw UsageError("--sheet shows images of one channel or three, and " + spec.name +
                     " takes others; leave it out");
  }
  Progress progress(std::cerr, stderr_style());
  const std::vector<NoiseReading> readings = read_noise(*model, run, progress);
  write_file_atomically(options.out, noise_csv(spec, run, readings));
  if (!options.summary.empty()) write_file_atomically(options.summary, noise_summary(readings));
  if (!options.sheet.empty()) {
    write_file_atomically(options.sheet, write_png(noise_sheet(*model, run, readings)));
  }
  if (common.json) {
    print_object(to_json(spec, run, readings));
    return;
  }
  std::cout << noise_words(spec, run, readings);
}

}  // namespace

void add_noise(Command app, CommonOptions& common) {
  auto options = std::make_shared<Options>();
  Command command =
      app.add_subcommand("noise", "What a model reads in pictures of noise, and how sure it is");
  command.add_option("--model", options->model, kModelFiles).required();
  // The mean here is the noise's; a network's own stands in the JSON beside it.
  add_preprocess_options(command, options->preprocess, "mean");
  command
      .add_option("--mean", options->mean,
                  "Means of the noise, in levels of 0..255, FROM:TO:STEP as Python's range counts")
      .show_default();
  command.add_option("--sigma", options->sigma, "Its standard deviations, in the same form")
      .show_default();
  command.add_flag("--grid", options->grid,
                   "Every mean with every deviation; without it the first mean with the first "
                   "deviation and so on, as many as there are of both");
  command.add_option("--draws", options->draws, "Pictures of each pair; several give an interval")
      .within(1, 10000)
      .show_default();
  command.add_option("--top", options->top, "How many classes to tell of each picture")
      .within(1, 100000)
      .show_default();
  command
      .add_option("--clip", options->clip,
                  "When the noise is clipped to 0..255: before preprocessing, as pictures are, or "
                  "after it, as the book does")
      .one_of({"before", "after"})
      .show_default();
  command
      .add_option("--out", options->out,
                  "Write id, class, prediction, sigma and mu of each class told to this CSV")
      .required();
  command.add_option("--summary", options->summary,
                     "Write sigma, mu and the highest confidence of each pair to this CSV");
  command.add_option("--sheet", options->sheet, "Draw some of the pictures to this PNG");
  add_common_options(command, common);
  command.callback([options, &common] { noise(*options, common); });
}

}  // namespace inoculate
