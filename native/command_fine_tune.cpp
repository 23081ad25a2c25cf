// inoculate fine-tune: the tutorial's defence, and what it bought on images held out of it.
#include <iostream>
#include <map>
#include <memory>
#include <string_view>
#include <unordered_set>

#include "base/error.h"
#include "evaluate/defence.h"
#include "native/classifier.h"
#include "native/commands.h"
#include "native/data_warnings.h"
#include "native/file_options.h"
#include "native/interrupt.h"
#include "native/output.h"
#include "native/preprocess_options.h"
#include "native/rescue.h"
#include "native/results.h"
#include "native/shell.h"
#include "native/text.h"
#include "native/threat_options.h"
#include "native/trainable_model.h"
#include "native/training.h"
#include "native/training_images.h"
#include "train/adversarial_batches.h"
#include "train/weight_average.h"

namespace inoculate {
namespace {

struct Options {
  std::string model;
  PreprocessOptions preprocess;
  bool freeze_statistics = false;
  TrainingSources sources;
  std::string attack = "fgsm";
  ThreatOptions threat;
  CountOption count{10000, {}};
  std::string from = "train";
  TrainingOptions training{.epochs = 10, .learning_rate = 1e-4F};
  std::string out;
  std::string log;
};

// The images that the adversaries are made from: some of the data set, or the user's own.
struct Lessons {
  Dataset set;
  LabelledImages own;
  std::string name;  // "train images"
  int scored = 0;    // how many of them the model is scored on as well

  ExampleSource examples() const {
    return own.labels.empty() ? examples_of(set) : examples_of(own.images, own.labels);
  }
};

// How many of `images` are also in `others`, pixel by pixel.
int count_shared(const Matrix& images, const Matrix& others) {
  const auto bytes_of = [](const Matrix& all, Eigen::Index i) {
    return std::string_view(reinterpret_cast<const char*>(all.row(i).data()),
                            static_cast<std::size_t>(all.cols()) * sizeof(float));
  };
  std::unordered_set<std::string_view> known;
  for (Eigen::Index i = 0; i < others.rows(); ++i) known.insert(bytes_of(others, i));
  int shared = 0;
  for (Eigen::Index i = 0; i < images.rows(); ++i) {
    shared += static_cast<int>(known.count(bytes_of(images, i)));
  }
  return shared;
}

Lessons load_lessons(const Options& options, const LabelledImages& held_out, const ModelSpec& model,
                     const PictureRule& rule) {
  const ImageOptions& own = options.sources.images;
  Lessons lessons;
  if (!own.images.empty()) {
    lessons.own = load_labelled_images(own, model, rule);
    lessons.name = "images of " + own.images;
    lessons.scored = count_shared(lessons.own.images, held_out.images);
  } else {
    lessons.set =
        load_split(find_data(own.data), options.from == "train" ? Split::kTrain : Split::kTest,
                   {model.input, model.classes});
    lessons.name = options.from + " images";
    // Other test images of the user's are perhaps none of them.
    if (options.from == "test") {
      lessons.scored = count_shared(all_images(lessons.set).images, held_out.images);
    }
  }
  return lessons;
}

void print_text(const Options& options, const FgsmOptions& attack, const Lessons& source,
                const DefenceReport& before, const DefenceReport& after, const Evaluation& learnt) {
  std::cout << "Fine-tuned on " << learnt.n << " adversaries of " << source.name << " ("
            << describe(attack) << ").\nScored on the test images:\n\n";
  print_table(
      std::cout,
      {{"accuracy [95 % interval]", "before", "after"},
       {"clean", accuracy_text(before.clean), accuracy_text(after.clean)},
       {"replayed adversaries", accuracy_text(before.replayed), accuracy_text(after.replayed)},
       {"fresh adversaries", accuracy_text(before.fresh), accuracy_text(after.fresh)}});
  std::cout << "\nThe adversaries it was trained on are read correctly in "
            << percent(learnt.accuracy()) << " of cases.\n";
  if (source.scored > 0) {
    std::cout << "It was trained on adversaries of the very images it is scored on, as in the "
                 "tutorial: the clean and replayed figures flatter. Use --from train for honest "
                 "ones.\n";
  }
  std::cout
      << "Replayed adversaries were made against the old weights. Fresh ones are made against "
         "the new weights, as an attacker would make them: they tell what the defence is "
         "worth.\nweights  "
      << options.out << '\n';
}

Json to_json(const DefenceReport& report) {
  return {{"clean", to_json(report.clean)},
          {"replayed", to_json(report.replayed)},
          {"fresh", to_json(report.fresh)}};
}

// The command that makes the weights again, but for --data and --out.
std::string trained_by(const Options& options, const FgsmOptions& attack, int count,
                       std::uint64_t seed) {
  return CommandLine("inoculate", "fine-tune")
      .option("--model", options.model)
      .option("--attack", options.attack)
      .option("--epsilon", exact(attack.threat.epsilon))
      .option("--loss", options.threat.loss)
      .flag("--no-clip", options.threat.no_clip)
      .option("--count", std::to_string(count))
      .option("--from", options.sources.images.images.empty() ? options.from : "")
      .option("--images", options.sources.images.images)
      .option("--labels", options.sources.images.labels)
      .flag("--freeze-statistics", options.freeze_statistics)
      .option("--epochs", std::to_string(options.training.epochs))
      .option("--batch-size", std::to_string(options.training.batch_size))
      .option("--learning-rate", exact(options.training.learning_rate))
      .option("--seed", std::to_string(seed))
      .text();
}

// All that the run reads.
std::vector<FileOption> inputs_of(const Options& options) {
  std::vector<FileOption> files =
      training_inputs(options.sources, options.from == "train" ? Split::kTrain : Split::kTest);
  add_model_inputs(files, "--model", options.model, options.preprocess);
  return files;
}

void fine_tune(const Options& options, const CommonOptions& common) {
  const InterruptGuard guard;  // up to the end, so that finished weights are written
  const ModelNotes said = notes_of(options.preprocess);
  std::vector<FileOption> outputs = model_outputs(options.out, options.model, said);
  outputs.push_back({"--log", options.log});
  check_files(outputs, inputs_of(options));
  TrainableModel model = load_trainable(options.model, said, options.freeze_statistics);
  require_kind(options.out, model);
  Trainable& network = *model.network;
  const PictureRule rule = model.notes.pictures();
  // Of the weights as they are: training changes those of `network`.
  ModelNotes notes = said;
  const std::unique_ptr<Classifier> undefended = load_classifier(options.model, &notes);
  const FgsmOptions attack{
      options.threat.threat(*find_attack(options.attack)), options.threat.attack_loss(), {}};
  const LabelledImages held_out = load_test_images(options.sources, network.spec(), rule);
  const Lessons source = load_lessons(options, held_out, network.spec(), rule);
  const int count = options.count.of(source.examples().size, source.name);
  require_batch(network, options.training.batch_size, count);
  const Matrix old_adversaries = fgsm(*undefended, held_out.images, held_out.labels, attack);
  const auto judge = [&](const Classifier& judged) {
    return judge_defence(judged, held_out.images, held_out.labels, old_adversaries, attack);
  };
  const DefenceReport before = judge(*undefended);
  warn_of_data(*undefended, examples_of(held_out.images, held_out.labels), before.clean.correct);
  if (!source.own.labels.empty()) {
    warn_of_data(*undefended, source.examples(), evaluate(*undefended, source.examples()).correct);
  }

  const AdversarialBatch lesson =
      AdversarialBatches(network, source.examples(), count, attack, common.seed).next();
  const ExampleSource lessons = examples_of(lesson.adversaries, lesson.labels);
  TrainingOptions training = options.training;
  training.seed = common.seed;
  Trainer trainer(network.copy(), lessons, training);
  Progress progress(std::cerr, stderr_style());
  std::vector<EpochRecord> history;
  if (!run_training(trainer, nullptr, progress, history)) {
    throw Interrupted("interrupted; no weights were written");
  }
  SideFile(options.log, "the weights are not lost by that").write(to_csv(history));
  set_all_weights(network, all_weights(trainer.network()));
  round_to_file(network);

  const std::unique_ptr<Classifier> defended = network.classifier();
  const DefenceReport after = judge(*defended);
  std::map<std::string, std::string> metadata{
      {"trained_by", trained_by(options, attack, count, common.seed)},
      {"attack", describe(attack)},
      {"adversaries", std::to_string(count) + " of " + source.name}};
  // Fine-tuned on the very images, they promise nothing of others.
  metadata["test_accuracy"] = source.scored == 0 ? test_accuracy_text(after.clean) : "not measured";
  save_trainable(model, metadata, options.out);
  const Evaluation learnt = evaluate(*defended, lessons);
  if (common.json) {
    print_object(Json{{"attack", describe(attack)},
                      {"before", to_json(before)},
                      {"after", to_json(after)},
                      {"trained_on", to_json(learnt)},
                      {"held_out", source.scored == 0},
                      {"training_seconds", total_seconds(history)}});
  } else {
    print_text(options, attack, source, before, after, learnt);
  }
}

}  // namespace

void add_fine_tune(Command app, CommonOptions& common) {
  auto options = std::make_shared<Options>();
  Command command = app.add_subcommand(
      "fine-tune", "The tutorial's defence: fine-tune a model on adversaries made against it");
  command
      .add_option("--model", options->model,
                  std::string("The model to start from: ") + kTrainableFiles)
      .required();
  add_freeze_option(command, options->freeze_statistics);
  add_preprocess_options(command, options->preprocess);
  add_training_images(command, options->sources);
  command.add_option("--attack", options->attack, "The attack that makes the adversaries")
      .one_of({"fgsm"})
      .show_default();
  add_epsilon_option(command, options->threat, *find_attack(options->attack));
  add_loss_option(command, options->threat);
  add_clip_option(command, options->threat);
  add_count_option(command, options->count, "How many adversaries to train on");
  command
      .add_option("--from", options->from,
                  "Images the adversaries are made from: train, or test as in the tutorial")
      .one_of({"train", "test"})
      .show_default();
  command.get_option("--images").excludes(command.get_option("--from"));
  TrainingOptions& training = options->training;
  command.add_option("--epochs", training.epochs, "Passes over the adversaries")
      .within(1, 1000000)
      .show_default();
  command.add_option("--batch-size", training.batch_size, "Images of one optimiser step")
      .within(1, 65536)
      .show_default();
  command.add_option("--learning-rate", training.learning_rate, "Adam's step size")
      .number_within(1e-9, 1e3)
      .show_default();
  command
      .add_option("--out", options->out,
                  "Where to write the weights, as a file of the model's kind")
      .required();
  command.add_option("--log", options->log, "Write a CSV line an epoch to this file");
  add_common_options(command, common);
  command.callback([options, &common] { fine_tune(*options, common); });
}

}  // namespace inoculate
