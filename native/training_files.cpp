#include "native/training_files.h"

#include "native/file_options.h"
#include "native/files.h"
#include "native/shell.h"

namespace inoculate {

std::string checkpoint_path(const TrainingCommand& options) {
  return options.checkpoint.empty() ? options.out + ".checkpoint" : options.checkpoint;
}

void check_training_files(const TrainingCommand& options, const std::filesystem::path& data) {
  std::vector<FileOption> inputs = data_inputs(data, {Split::kTrain, Split::kTest});
  const std::string checkpoint = checkpoint_path(options);
  const bool goes_on = !options.resume.empty() && same_file(checkpoint, options.resume);
  if (!goes_on) inputs.push_back({"--resume", options.resume});
  check_files({{"--out", options.out}, {"--log", options.log}, {"--checkpoint", checkpoint}},
              inputs);
}

std::string resume_command(const TrainingCommand& options, const CommonOptions& common,
                           const std::filesystem::path& data, const std::string& checkpoint,
                           bool saved_before) {
  CommandLine line(called_as(), options.name);
  line.option("--resume", checkpoint)
      .option("--data", data.string())
      .option("--out", options.out)
      .option("--log", options.log)
      .option("--checkpoint", options.checkpoint);
  if (saved_before && options.epochs) line.option("--epochs", std::to_string(*options.epochs));
  if (saved_before && options.keep_best)
    line.option("--keep", *options.keep_best ? "best" : "last");
  if (common.threads > 0) line.option("--threads", std::to_string(common.threads));
  return line.flag("--json", common.json).text();
}

}  // namespace inoculate
