// inoculate robustness: models judged by several attacks at once, side by side.
#include <algorithm>
#include <iostream>
#include <memory>

#include "attack/run.h"
#include "attack/stored.h"
#include "base/error.h"
#include "certify/bound_file.h"
#include "native/classifier.h"
#include "native/commands.h"
#include "native/file_options.h"
#include "native/findings.h"
#include "native/image_options.h"
#include "native/output.h"
#include "native/preprocess_options.h"
#include "native/robustness_outputs.h"
#include "native/robustness_run.h"
#include "native/shard_run.h"
#include "native/threat_options.h"

namespace inoculate {
namespace {

struct Options {
  std::vector<std::string> models;
  PreprocessOptions preprocess;
  ImageOptions images;
  PurifyChoice purify;
  float epsilon = 0.1F;
  std::string norm;
  std::string attacks = "standard";
  bool cascade = false;
  bool quantise = false;
  std::string certify;
  RobustnessOutputs outputs;
  std::string shard;
  std::string out;
  bool no_curve = false;
};

using Models = std::vector<std::unique_ptr<Classifier>>;

std::vector<JudgedAttack> suite_of(const Options& options, Norm norm) {
  try {
    return attack_suite(options.attacks, norm);
  } catch (const Error& error) {
    throw UsageError("--attacks " + options.attacks + ": " + error.what());
  }
}

// The graphs of the models, in the same order; none where nothing is to be certified.
std::vector<BoundGraph> bound_graphs(const Options& options, const RobustnessRun& run,
                                     const Models& models) {
  std::vector<BoundGraph> graphs;
  if (run.certificate == nullptr) return graphs;
  if (run.judging.threat.norm == Norm::kL1) {
    throw UsageError("--certify knows no certificate in L1; choose --norm linf or l2");
  }
  if (!options.purify.generator.empty()) {
    throw UsageError("--certify says nothing of a model behind a generator; leave out --purify");
  }
  for (std::size_t i = 0; i < models.size(); ++i) {
    graphs.push_back(bound_graph_of(options.models[i], *models[i], model_files()));
  }
  return graphs;
}

// The images, and what the report says of them.
LabelledImages load_test_images(const ImageOptions& options, const Models& models,
                                const PictureRule& rule, RobustnessRun& run) {
  ModelSpec all = models[0]->spec();
  for (const auto& model : models) {
    const ModelSpec& spec = model->spec();
    if (spec.input != all.input) {
      throw Error(spec.name + ": takes other images than " + all.name +
                  "; only models of the same images can be compared");
    }
    all.classes = std::min(all.classes, spec.classes);
  }
  LabelledImages images = load_labelled_images(options, all, rule);
  run.images = options.images;
  run.labels = options.labels;
  if (run.images.empty()) run.data = find_data(options.data);
  run.n = static_cast<int>(images.labels.size());
  run.count = options.count.value() == 0 ? 0 : run.n;
  return images;
}

// The files that the run reads.
std::vector<FileOption> inputs_of(const Options& options) {
  std::vector<FileOption> inputs = image_inputs(options.images);
  for (const std::string& path : options.models) {
    add_model_inputs(inputs, "--model", path, options.preprocess);
  }
  inputs.push_back(purify_input(options.purify));
  return inputs;
}

void judge_shard(const Options& options, const CommonOptions& common, RobustnessRun& run,
                 const Models& models, const std::vector<BoundGraph>& graphs,
                 const LabelledImages& test) {
  if (options.out.empty()) throw UsageError("--shard needs --out, the file of the part");
  const Shard shard = parse_shard(options.shard);
  require_parts(run, shard);
  check_files({{"--out", options.out}}, inputs_of(options));
  if (!options.no_curve) run.epsilons = curve_epsilons(run.judging.threat.norm);
  ShardRun part{run, test, {}, {}, distinct_names(options.models), shard, options.out};
  for (const auto& model : models) part.models.push_back(model.get());
  for (const BoundGraph& graph : graphs) part.graphs.push_back(&graph);
  const bool judged = judge_part(part);
  const ImageRange range = images_of(shard, run.n);
  if (common.json) {
    print_object({{"part", shard.number},
                  {"parts", shard.of},
                  {"first", range.begin},
                  {"n", range.end - range.begin},
                  {"judged", judged},
                  {"out", options.out}});
    return;
  }
  std::cout << options.out << ": part " << shard.number << " of " << shard.of << ", images "
            << range.begin << " to " << range.end - 1 << " of " << run.n
            << (judged ? "\n" : ", was finished before; nothing is judged\n");
}

// The curve over epsilon is PGD's.
void require_gradients_for_curve(const Options& options, const Models& models) {
  const bool part = !options.shard.empty();
  if (part ? options.no_curve : !options.outputs.want_curve()) return;
  for (const auto& model : models) {
    if (model->spec().gives == Knowledge::kGradients) continue;
    throw UsageError(model->spec().name +
                     ": gives no gradients, which the curve over epsilon needs; " +
                     (part ? "give --no-curve" : "leave out --curve and --report"));
  }
}

void robustness(const Options& options, const CommonOptions& common) {
  RobustnessRun run;
  ThreatModel& threat = run.judging.threat;
  threat.norm = norm_of(options.norm);
  threat.epsilon = options.epsilon;
  if (threat.norm == Norm::kLinf) require_linf_size("--epsilon", threat.epsilon);
  run.judging.seed = common.seed;
  run.judging.cascade = options.cascade || is_cascade(options.attacks);
  run.judging.quantise = options.quantise;
  if (options.quantise) require_levels(threat);
  run.suite_name = options.attacks;
  run.preprocess = options.preprocess;
  run.purify = options.purify;
  run.suite = suite_of(options, threat.norm);
  run.certificate = find_certificate_method(options.certify);
  const ModelNotes said = notes_of(options.preprocess);
  PictureRule rule;
  Models models;
  for (const std::string& path : options.models) {
    ModelNotes notes = said;
    models.push_back(purified(load_classifier(path, &notes), options.purify));
    if (models.size() == 1) rule = notes.pictures();
    for (const JudgedAttack& attack : run.suite) {
      require_possible(*attack.method, models.back()->spec(), attack.options);
    }
  }
  require_gradients_for_curve(options, models);
  const std::vector<BoundGraph> graphs = bound_graphs(options, run, models);
  LabelledImages test = load_test_images(options.images, models, rule, run);
  if (options.quantise) test.images = as_stored(test.images);
  if (!options.shard.empty()) {
    judge_shard(options, common, run, models, graphs, test);
    return;
  }
  prepare(options.outputs, inputs_of(options));
  if (options.outputs.want_curve()) run.epsilons = curve_epsilons(threat.norm);
  const std::vector<std::string> names = distinct_names(options.models);
  for (std::size_t i = 0; i < models.size(); ++i) {
    run.models.push_back(
        judge_model(*models[i], names[i], test, run, graphs.empty() ? nullptr : &graphs[i]));
  }
  tell_robustness(run, test.labels, options.outputs, common.json);
}

}  // namespace

void add_robustness(Command app, CommonOptions& common) {
  auto options = std::make_shared<Options>();
  Command command = app.add_subcommand(
      "robustness", "Judge models by several attacks and by the worst of them for each image");
  command
      .add_option("--model", options->models, std::string(kModelFiles) + "; several are compared")
      .required();
  add_data_option(command, options->images.data);
  command
      .add_option("--epsilon", options->epsilon,
                  "Size of the perturbation, in pixels of 0..1, such as 0.1 or 8/255")
      .number_within(0, 1000)
      .show_default();
  add_norm_option(command, options->norm, {Norm::kLinf, Norm::kL2, Norm::kL1});
  command
      .add_option("--attacks", options->attacks,
                  "standard (APGD, targeted APGD, PGD along smoothed gradients, DeepFool, "
                  "Square), autoattack (as its authors run it, a cascade), quick, or names with "
                  "commas")
      .show_default();
  options->images.count.usual = 1000;
  add_count_option(command, options->images.count, "Only this many images, from the first on");
  add_images_option(command, options->images, {"--data"});
  add_preprocess_options(command, options->preprocess);
  add_purify_options(command, options->purify);
  command.add_flag("--cascade", options->cascade,
                   "Attack only what withstood the attacks before; the worst case is the same");
  command.add_flag("--quantise", options->quantise,
                   "Count only adversaries that hold as pictures, every pixel one of 256 levels");
  std::vector<std::string> methods;
  for (const CertificateMethod& method : certificate_methods()) methods.emplace_back(method.name);
  command
      .add_option("--certify", options->certify,
                  "Also prove what no attack can break, by ibp, crown-ibp or crown")
      .one_of(methods);
  add_robustness_outputs(command, options->outputs);
  Option shard = command.add_option(
      "--shard", options->shard,
      "Judge only the K-th of N parts of the images, K/N, and write what came of each image to "
      "--out, for inoculate merge; goes on with an unfinished part");
  shard.option_text("K/N").check(
      [](const std::string& text) { return text.empty() ? "is empty" : ""; });
  for (const char* name : {"--curve", "--report", "--per-image"}) {
    shard.excludes(command.get_option(name));
  }
  command.add_option("--out", options->out, "The file of that part (.json)").needs(shard);
  command
      .add_flag("--no-curve", options->no_curve,
                "Leave the curve over epsilon out of that part; merge can then draw none")
      .needs(shard);
  add_common_options(command, common);
  command.callback([options, &common] { robustness(*options, common); });
}

}  // namespace inoculate
