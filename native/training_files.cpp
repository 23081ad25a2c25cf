#include "native/training_files.h"

#include "native/file_options.h"
#include "native/files.h"
#include "native/shell.h"

namespace inoculate {

std::string checkpoint_path(const TrainingCommand& options) {
  return options.checkpoint.empty() ? options.out + ".checkpoint" : options.checkpoint;
}

void check_training_files(const TrainingCommand& options) {
  std::vector<FileOption> inputs = training_inputs(options.sources);
  const std::string checkpoint = checkpoint_path(options);
  const bool goes_on = !options.resume.empty() && same_file(checkpoint, options.resume);
  if (!goes_on) inputs.push_back({"--resume", options.resume});
  inputs.push_back({"--generator", options.generator});
  add_model_inputs(inputs, "--from", options.from, options.preprocess);
  std::vector<FileOption> outputs =
      model_outputs(options.out, options.from, notes_of(options.preprocess));
  outputs.insert(outputs.end(), {{"--log", options.log}, {"--checkpoint", checkpoint}});
  check_files(outputs, inputs);
}

std::string resume_command(const TrainingCommand& options, const CommonOptions& common,
                           const std::string& checkpoint, bool saved_before) {
  const TrainingSources& sources = options.sources;
  const bool own = !sources.images.images.empty();
  CommandLine line(called_as(), options.name);
  line.option("--resume", checkpoint)
      .option("--from", options.from)
      .option("--generator", options.generator)
      .option("--data", own ? "" : find_data(sources.images.data).string())
      .option("--images", sources.images.images)
      .option("--labels", sources.images.labels)
      .option("--test-images", sources.test_images)
      .option("--test-labels", sources.test_labels);
  for (const auto& [key, value] : options.preprocess) line.option(preprocess_option(key), value);
  line.option("--out", options.out)
      .option("--log", options.log)
      .option("--checkpoint", options.checkpoint);
  if (saved_before && options.epochs) line.option("--epochs", std::to_string(*options.epochs));
  if (saved_before && options.keep_best)
    line.option("--keep", *options.keep_best ? "best" : "last");
  if (common.threads > 0) line.option("--threads", std::to_string(common.threads));
  return line.flag("--json", common.json).text();
}

}  // namespace inoculate
