// inoculate certify: what no adversary can change, proven.
#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>

#include "base/error.h"
#include "certify/bound_file.h"
#include "certify/judgement.h"
#include "evaluate/robustness.h"
#include "native/classifier.h"
#include "native/commands.h"
#include "native/file_options.h"
#include "native/files.h"
#include "native/image_options.h"
#include "native/interrupt.h"
#include "native/output.h"
#include "native/png.h"
#include "native/preprocess_options.h"
#include "native/progress.h"
#include "native/text.h"
#include "native/threat_options.h"
#include "pictures/curves.h"

namespace inoculate {
namespace {

constexpr const char* kSmoothing = "smoothing";

struct Options {
  std::string model;
  PreprocessOptions preprocess;
  ImageOptions images;
  double epsilon = 0.1;
  std::string norm;
  std::string method = "crown";
  bool radius = false;
  std::string picture;
  bool no_attack = false;
  SmoothingOptions smoothing;

  bool smooths() const { return method == kSmoothing; }
};

// What is known of the images: how many are read right, stay right under attack, and are proven to.
struct Findings {
  int n = 0, clean = 0;
  std::optional<int> worst_case;
  Certificates certificates;
};

int attacked(const Classifier& model, const LabelledImages& test, Norm norm, double epsilon,
             std::uint64_t seed, Progress& progress) {
  JudgeOptions judging;
  judging.threat = {norm, static_cast<float>(epsilon), model.spec().range};
  judging.seed = seed;
  judging.cascade = true;
  std::string running;
  const Verdict verdict =
      judge_robustness(model, test.images, test.labels, attack_suite("quick", norm), judging,
                       [&](const std::string& attack, const AttackProgress& p) {
                         if (attack != running) progress.begin(attack);
                         running = attack;
                         progress.step(p.done, p.total);
                         return !InterruptGuard::interrupted();
                       });
  if (verdict.cancelled) throw Interrupted("interrupted; nothing was written");
  return verdict.worst_case;
}

Certificates certificates(const Classifier& model, const LabelledImages& test,
                          const Options& options, const OnCertified& on_progress) {
  if (options.smooths()) {
    return certify_by_smoothing(model, test.images, test.labels, options.epsilon, options.smoothing,
                                on_progress);
  }
  const Norm norm = norm_of(options.norm);
  const CertificateOptions certified{find_certificate_method(options.method), norm, options.epsilon,
                                     model.spec().range};
  return certify_images(bound_graph_of(options.model, model, model_files()), test.images,
                        test.labels, certified, options.radius ? furthest_epsilon(norm) : 0,
                        on_progress);
}

Findings find(const Classifier& model, const LabelledImages& test, const Options& options,
              const CommonOptions& common) {
  const InterruptGuard guard;
  Progress progress(std::cerr, stderr_style());
  const Norm norm = norm_of(options.norm);
  Findings findings;
  findings.n = static_cast<int>(test.labels.size());
  const Labels read = most_likely(model.logits(test.images));
  for (std::size_t i = 0; i < read.size(); ++i) findings.clean += read[i] == test.labels[i] ? 1 : 0;
  progress.begin(options.method);
  findings.certificates = certificates(model, test, options, [&](int done, int total) {
    progress.step(done, total);
    return !InterruptGuard::interrupted();
  });
  if (findings.certificates.cancelled) throw Interrupted("interrupted; nothing was written");
  if (!options.no_attack && !options.smooths()) {
    findings.worst_case = attacked(model, test, norm, options.epsilon, common.seed, progress);
  }
  progress.pause();
  return findings;
}

// Middle of the certified epsilons.
double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// How many images have each largest certified epsilon, as the outline of a histogram.
Chart histogram(const std::vector<double>& radii, double most) {
  constexpr std::size_t kBins = 20;
  std::vector<int> counts(kBins);
  for (const double radius : radii) {
    const auto bin = static_cast<std::size_t>(kBins * std::max(0.0, radius) / most);
    ++counts[std::min(bin, kBins - 1)];
  }
  Curve outline{"images", {0}, {0}};
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    for (const std::size_t edge : {bin, bin + 1}) {
      outline.x.push_back(most * static_cast<double>(edge) / kBins);
      outline.y.push_back(counts[bin]);
    }
  }
  const double tallest = *std::max_element(counts.begin(), counts.end());
  return {"Images by their largest certified epsilon",
          "epsilon",
          "images",
          {outline},
          std::pair{0.0, tallest}};
}

void write_picture(const Options& options, const Findings& findings) {
  // How many images have a certificate of at least each epsilon.
  std::vector<double> radii = findings.certificates.radii;
  std::sort(radii.begin(), radii.end());
  Curve curve{options.method, {}, {}};
  const double most = std::max(radii.back(), 1e-3);
  constexpr int kPoints = 100;
  for (int i = 0; i <= kPoints; ++i) {
    const double epsilon = most * i / kPoints;
    const auto below = std::lower_bound(radii.begin(), radii.end(), std::max(epsilon, 1e-12));
    curve.x.push_back(epsilon);
    curve.y.push_back(static_cast<double>(radii.end() - below) / findings.n);
  }
  const Chart chart{"Certified accuracy, " + norm_words(norm_of(options.norm)),
                    "epsilon",
                    "certified",
                    {curve},
                    std::pair{0.0, 1.0}};
  write_file_atomically(options.picture, write_png(draw_charts({chart, histogram(radii, most)})));
}

void print_text(const Options& options, const Findings& f) {
  const int certified = f.certificates.count();
  std::cout << norm_words(norm_of(options.norm)) << ", epsilon " << number(options.epsilon) << ", "
            << options.method << ", " << f.n << " images\n\n";
  std::vector<std::vector<std::string>> rows{{"accuracy [95 % interval]", ""},
                                             {"clean", share_text(f.clean, f.n)}};
  if (f.worst_case) rows.push_back({"under quick attacks", share_text(*f.worst_case, f.n)});
  rows.push_back({"certified", share_text(certified, f.n)});
  print_table(std::cout, rows);
  std::cout << '\n';
  if (options.smooths()) {
    const auto right = std::count_if(f.certificates.radii.begin(), f.certificates.radii.end(),
                                     [](double radius) { return radius > 0; });
    std::cout << "certified is the smoothed model, which reads " << right << " of " << f.n
              << " images rightly without abstaining; each certificate holds with "
              << percent(1 - options.smoothing.alpha) << "\n";
  } else {
    const int upper = f.worst_case.value_or(f.clean);
    std::cout << "proven " << certified << ", broken " << f.n - upper << ", open "
              << upper - certified << " of " << f.n << " images\n";
  }
  std::cout << fixed(1000 * f.certificates.seconds / f.n, 1) << " ms an image\n";
  if (!f.certificates.radii.empty()) {
    std::cout << "largest certified epsilon: median " << number(median(f.certificates.radii))
              << ", largest "
              << number(*std::max_element(f.certificates.radii.begin(), f.certificates.radii.end()))
              << '\n';
  }
}

void print_json(const Options& options, const Findings& f) {
  const auto share = [&](int part) { return static_cast<double>(part) / f.n; };
  const auto interval = [&](int part) {
    const Interval i = wilson_interval(part, f.n);
    return Json{i.low, i.high};
  };
  const int certified = f.certificates.count();
  Json json{{"model", options.model},
            {"norm", options.norm},
            {"epsilon", options.epsilon},
            {"method", options.method},
            {"n", f.n},
            {"clean", share(f.clean)},
            {"clean_interval", interval(f.clean)},
            {"certified", share(certified)},
            {"certified_interval", interval(certified)}};
  if (options.smooths()) {
    json["sigma"] = options.smoothing.sigma;
    json["samples"] = options.smoothing.samples;
    json["alpha"] = options.smoothing.alpha;
    json["seed"] = options.smoothing.seed;
  }
  if (f.worst_case) {
    json["worst_case"] = share(*f.worst_case);
    json["worst_case_interval"] = interval(*f.worst_case);
    json["open"] = share(*f.worst_case - certified);
  }
  json["certified_images"] = f.certificates.certified;
  if (!f.certificates.radii.empty()) json["radii"] = f.certificates.radii;
  json["seconds"] = f.certificates.seconds;
  print_object(json);
}

void certify(const Options& options, const CommonOptions& common) {
  if (options.smooths() && norm_of(options.norm) != Norm::kL2) {
    throw UsageError("--method smoothing certifies in L2; add --norm l2");
  }
  if (norm_of(options.norm) == Norm::kLinf) {
    require_linf_size("--epsilon", static_cast<float>(options.epsilon));
  }
  if (!options.picture.empty()) {
    std::vector<FileOption> inputs = image_inputs(options.images);
    add_model_inputs(inputs, "--model", options.model, options.preprocess);
    check_files({{"--picture", options.picture}}, inputs);
  }
  ModelNotes notes = notes_of(options.preprocess);
  const std::unique_ptr<Classifier> model = load_classifier(options.model, &notes);
  const LabelledImages test = load_labelled_images(options.images, model->spec(), notes.pictures());
  const Findings findings = find(*model, test, options, common);
  if (!options.picture.empty()) write_picture(options, findings);
  common.json ? print_json(options, findings) : print_text(options, findings);
}

}  // namespace

void add_certify(Command app, CommonOptions& common) {
  auto options = std::make_shared<Options>();
  Command command = app.add_subcommand(
      "certify", "Prove of images that no perturbation up to a size changes what a model reads");
  command.add_option("--model", options->model, kModelFiles).required();
  command
      .add_option("--epsilon", options->epsilon,
                  "Size of the perturbation, in pixels of 0..1, such as 0.1 or 8/255")
      .number_within(0, 1000)
      .show_default();
  add_norm_option(command, options->norm, {Norm::kLinf, Norm::kL2});
  std::vector<std::string> names;
  for (const CertificateMethod& method : certificate_methods()) names.emplace_back(method.name);
  names.emplace_back(kSmoothing);
  command
      .add_option("--method", options->method,
                  "ibp (intervals, the fastest), crown-ibp, crown (the tightest); or smoothing, of "
                  "the model with noise, which needs no look inside")
      .one_of(names)
      .show_default();
  options->images.count.usual = 100;
  add_image_options(command, options->images);
  Option radius =
      command.add_flag("--radius", options->radius,
                       "Also the largest certified epsilon of each image, by bisection");
  command
      .add_option(
          "--picture", options->picture,
          "Draw the certified accuracy over epsilon, and a histogram of the images' largest "
          "certified epsilons, to this .png; needs --radius")
      .needs(radius);
  command.add_flag("--no-attack", options->no_attack,
                   "Do not attack too: without, nobody knows what is open and what is broken");
  SmoothingOptions& smoothing = options->smoothing;
  command.add_option("--sigma", smoothing.sigma, "Of smoothing: deviation of the noise, in pixels")
      .within(1e-3, 100.0)
      .show_default();
  command.add_option("--samples", smoothing.samples, "Of smoothing: noisy images that count")
      .within(100, 10'000'000)
      .show_default();
  add_preprocess_options(command, options->preprocess);
  add_common_options(command, common);
  command.callback([options, &common] {
    options->smoothing.seed = common.seed;
    certify(*options, common);
  });
}

}  // namespace inoculate
