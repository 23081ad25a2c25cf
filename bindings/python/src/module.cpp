// The engine as the Python package asks it: private to the package, which checks and explains all
// that its users give (inoculate/*.py).
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>

#include "attack/gradients.h"
#include "attack/run.h"
#include "attack/targets.h"
#include "base/error.h"
#include "base/fork.h"
#include "base/numbers.h"
#include "base/parallel.h"
#include "certify/bound_file.h"
#include "certify/judgement.h"
#include "evaluate/alarms.h"
#include "function_classifier.h"
#include "model/graph_function.h"
#include "native/files.h"
#include "train/classifier_file.h"

namespace inoculate::python {
namespace {

// Whole numbers [N], read where they are. The package sees to it that they are int32.
using Numbers = Eigen::Ref<const Eigen::VectorX<std::int32_t>>;
std::vector<std::int32_t> vector_of(const Numbers& numbers) {
  return {numbers.begin(), numbers.end()};
}

std::atomic<int> works = 0;  // of the engine, under way

// Starts the engine's threads, once: not before there is work, or somebody says how many.
void start_threads() { [[maybe_unused]] static const bool started = (set_thread_count(0), true); }

// The engine's work, done without the interpreter's lock.
template <class Work>
auto working(const Work& work) {
  start_threads();
  struct Counted {
    Counted() { ++works; }
    ~Counted() { --works; }
  } const counted;
  const nb::gil_scoped_release unlocked;
  return work();
}

void set_threads(int count) {
  if (works > 0) throw Error("the number of threads cannot change while the engine works");
  start_threads();
  set_thread_count(count);
}

// Lets Python do what signals ask for, such as raise KeyboardInterrupt, which is thrown; but looks
// at most twenty times a second. For a thread that has let go of the interpreter's lock.
class Signals {
 public:
  bool heed() {
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < std::chrono::milliseconds(50)) return true;
    last_ = now;
    const nb::gil_scoped_acquire lock;
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
    return true;
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

const FileReader& files() {
  static const FileReader reader{read_file, [](const std::string& path) {
                                   std::error_code failure;
                                   return std::filesystem::exists(path, failure);
                                 }};
  return reader;
}

std::unique_ptr<Classifier> load_model(const std::string& path, const std::string& notes_json) {
  return working([&] {
    ModelNotes notes = read_notes(nlohmann::json::parse(notes_json));
    return read_classifier(path, files(), &notes);
  });
}

std::unique_ptr<Classifier> function_model(ModelSpec spec, nb::object logits,
                                           nb::object gradients) {
  spec.gives = gradients.is_none() ? Knowledge::kProbabilities : Knowledge::kGradients;
  return std::make_unique<FunctionClassifier>(std::move(spec), std::move(logits),
                                              std::move(gradients));
}

// some(begin, n) for all images, a part after the other, so that signals are heeded between them.
void in_parts(const Classifier& model, Eigen::Index count,
              const std::function<void(Eigen::Index begin, Eigen::Index n)>& some) {
  const Eigen::Index at_once = std::min(images_in_slice(model.spec()), 1024);
  Signals signals;
  for (Eigen::Index begin = 0; begin < count; begin += at_once) {
    signals.heed();
    some(begin, std::min(at_once, count - begin));
  }
}

Matrix logits(const Classifier& model, ConstMatrixRef images) {
  return working([&] {
    Matrix all(images.rows(), model.spec().classes);
    in_parts(model, images.rows(), [&](auto begin, auto n) {
      all.middleRows(begin, n) = model.logits(images.middleRows(begin, n));
    });
    return all;
  });
}

Matrix gradients(const Classifier& model, ConstMatrixRef images, Loss loss,
                 const Numbers& classes) {
  return working([&] {
    Matrix all(images.rows(), images.cols());
    in_parts(model, images.rows(), [&](auto begin, auto n) {
      const Labels labels = vector_of(classes.segment(begin, n));
      Matrix part;
      objective_gradients(part, nullptr, model, images.middleRows(begin, n),
                          loss_objective(loss, labels, model.spec().classes));
      all.middleRows(begin, n) = part;
    });
    return all;
  });
}

// The options that a method heeds, by the package's names for them.
std::vector<std::string> options_of(const AttackMethod& method) {
  constexpr std::pair<const char*, unsigned> kNames[] = {
      {"epsilon", kEpsilonBit},   {"loss", kLossBit},
      {"steps", kStepsBit},       {"step_size", kStepSizeBit},
      {"restarts", kRestartsBit}, {"random_start", kRandomStartBit},
      {"targets", kTargetBit},    {"confidence", kConfidenceBit | kConfidenceFilterBit},
      {"queries", kQueriesBit},   {"pixels", kPixelsBit},
      {"patch_size", kPatchBit},  {"patch_at", kPatchBit},
      {"source", kSourceBit},     {"generator", kGeneratorBit}};
  std::vector<std::string> options;
  for (const auto& [name, bits] : kNames) {
    if ((method.options & bits) != 0) options.emplace_back(name);
  }
  return options;
}

const char* what_it_sees(const AttackMethod& method) {
  return method.inside ? kind_name(*method.inside) : knowledge_name(method.knowledge);
}

// What an attack was asked for beside its images, and what came of it.
struct Attack {
  Norm norm = Norm::kLinf;
  std::optional<float> epsilon;
  bool clip = true;
  std::uint64_t seed = 1;
  Criterion criterion;
  bool random_targets = false, least_likely_targets = false;
  std::vector<int> targets, numbers;  // [N] or none
  AttackOptions options;
  std::optional<GraphFunction> generator;
  AttackResult result;

  void load_generator(const std::string& path) {
    const Generator made = read_perturber(path, files());
    if (!epsilon) epsilon = made.epsilon;
    options.generator = &generator.emplace(made.generator, made.name);
  }

  void run(const Classifier& model, const AttackMethod& method, ConstMatrixRef images,
           const Numbers& classes) {
    require_possible(method, model.spec(), options);
    const Labels labels = vector_of(classes);
    ThreatModel threat{norm, epsilon.value_or(default_epsilon(method, norm)), model.spec().range};
    if (!clip) threat.range.reset();
    epsilon = threat.epsilon;
    AttackTask task{model, images, labels, threat, criterion, numbers};
    working([&] {
      if (random_targets) targets = inoculate::random_targets(task, seed);
      if (least_likely_targets) targets = inoculate::least_likely_targets(task);
      task.targets = targets;
      Rng rng(seed);
      Signals signals;
      result = run_attack(method, task, options, rng,
                          [&](const AttackProgress&) { return signals.heed(); });
      leave_out_targets(result.adversaries, task);
    });
  }
};

std::pair<Verdict, std::vector<Alarm>> judge(const Classifier& model, ConstMatrixRef images,
                                             const Numbers& classes, const std::string& suite_name,
                                             Norm norm, float epsilon, std::uint64_t seed,
                                             bool cascade) {
  const std::vector<JudgedAttack> suite = attack_suite(suite_name, norm);
  for (const JudgedAttack& one : suite) {
    require_possible(*one.method, model.spec(), one.options);
  }
  const JudgeOptions options{
      {norm, epsilon, model.spec().range}, seed, cascade || is_cascade(suite_name)};
  const Labels labels = vector_of(classes);
  return working([&] {
    Signals signals;
    const auto on_progress = [&](const std::string&, const AttackProgress&) {
      return signals.heed();
    };
    Verdict verdict = judge_robustness(model, images, labels, suite, options, on_progress);
    std::vector<Alarm> alarms = find_alarms(model, images, labels, suite, verdict, options);
    return std::pair(std::move(verdict), std::move(alarms));
  });
}

// The bounds of a model's file, which must still hold what the model was read from: both read
// these images alike, to the last bit.
BoundGraph bounds_of(const Classifier& model, const std::string& notes_json,
                     ConstMatrixRef images) {
  const std::string path = model.spec().name;
  ModelNotes notes = read_notes(nlohmann::json::parse(notes_json));
  const auto again = read_classifier(path, files(), &notes);
  const Eigen::Index some = std::min<Eigen::Index>(images.rows(), images_in_slice(model.spec()));
  if (again->spec().input != model.spec().input || again->spec().classes != model.spec().classes ||
      again->logits(images.topRows(some)) != model.logits(images.topRows(some))) {
    throw Error(path + ": is another network than the one that was loaded; load it again");
  }
  return bound_graph_of(path, *again, files());
}

Certificates certify(const Classifier& model, const std::string& notes_json, ConstMatrixRef images,
                     const Numbers& classes, std::string_view method, Norm norm, double epsilon,
                     bool radius, const SmoothingOptions& smoothing) {
  const Labels labels = vector_of(classes);
  return working([&] {
    Signals signals;
    const OnCertified on_progress = [&](int, int) { return signals.heed(); };
    const CertificateMethod* bounds = find_certificate_method(method);
    if (bounds == nullptr) {
      return certify_by_smoothing(model, images, labels, epsilon, smoothing, on_progress);
    }
    return certify_images(bounds_of(model, notes_json, images), images, labels,
                          {bounds, norm, epsilon, model.spec().range},
                          radius ? furthest_epsilon(norm) : 0, on_progress);
  });
}

// Makes members of a class attributes of the Python class: pairs of a name and a member.
template <class Class>
void add(nb::class_<Class>&) {}
template <class Class, class Value, class... More>
void add(nb::class_<Class>& to, const char* name, Value Class::*member, More... more) {
  to.def_ro(name, member);
  if constexpr (!std::is_pointer_v<Value>) to.def_rw(name, member);
  add(to, more...);
}
template <class Class, class... Members>
nb::class_<Class> bind(nb::module_& m, const char* name, Members... members) {
  nb::class_<Class> made(m, name);
  if constexpr (std::is_default_constructible_v<Class>) made.def(nb::init<>());
  add(made, members...);
  return made;
}

}  // namespace
}  // namespace inoculate::python

NB_MODULE(_engine, m) {
  using namespace inoculate;
  using namespace inoculate::python;
  nb::set_leak_warnings(false);  // a model whose function refers to it lives as long as Python
  nb::exception<Error>(m, "Error", PyExc_ValueError);
  nb::enum_<Loss>(m, "Loss")
      .value("crossentropy", Loss::kCrossEntropy)
      .value("mse", Loss::kMeanSquaredError);
  nb::enum_<Norm>(m, "Norm")
      .value("linf", Norm::kLinf)
      .value("l2", Norm::kL2)
      .value("l1", Norm::kL1)
      .value("l0", Norm::kL0);

  using Range = ValueRange;
  bind<Range>(m, "Range", "low", &Range::low, "high", &Range::high);
  bind<Shape>(m, "Shape", "h", &Shape::h, "w", &Shape::w, "c", &Shape::c);
  using Spec = ModelSpec;
  bind<Spec>(m, "Spec", "name", &Spec::name, "shape", &Spec::input, "range", &Spec::range,
             "classes", &Spec::classes, "class_names", &Spec::class_names, "deterministic",
             &Spec::deterministic, "images_at_once", &Spec::images_at_once)
      .def_prop_ro("gives", [](const Spec& spec) { return knowledge_name(spec.gives); });
  bind<Classifier>(m, "Classifier")
      .def_prop_ro("spec", &Classifier::spec)
      .def("logits", &logits, nb::arg().noconvert())
      .def("gradients", &gradients, nb::arg().noconvert(), nb::arg(), nb::arg().noconvert());
  m.def("load", &load_model);
  m.def("function_model", &function_model, nb::arg(), nb::arg(), nb::arg().none());
  m.def("threads", [] { return working([] { return thread_count(); }); });
  m.def("set_threads", &set_threads);
  m.def("after_fork", [] {
    works = 0;
    forget_threads();
  });
  m.def("linf_mistake", &linf_mistake);
  m.def("wilson_interval", [](int successes, int n) {
    const Interval interval = wilson_interval(successes, n);
    return std::pair(interval.low, interval.high);
  });

  using Method = AttackMethod;
  bind<Method>(m, "Method", "name", &Method::name, "title", &Method::title, "paper", &Method::paper,
               "norms", &Method::norms)
      .def_prop_ro("sees", &what_it_sees)
      .def_prop_ro("options", &options_of)
      .def_prop_ro("one_for_all", [](const Method& one) { return one.heeds(kOneForAllBit); });
  m.def("methods", [] { return std::vector(attack_methods().begin(), attack_methods().end()); });
  bind<Place>(m, "Place", "row", &Place::row, "column", &Place::column);
  using Options = AttackOptions;
  bind<Options>(m, "Options", "loss", &Options::loss, "steps", &Options::steps, "step_size",
                &Options::step_size, "restarts", &Options::restarts, "random_start",
                &Options::random_start, "queries", &Options::queries, "pixels", &Options::pixels,
                "patch_size", &Options::patch_size, "patch_at", &Options::patch_at)
      .def("set_source", [](Options& o, const Classifier& source) { o.source = &source; });
  bind<Criterion>(m, "Criterion", "target", &Criterion::target, "confidence",
                  &Criterion::confidence);
  using Calls = AttackCalls;
  bind<Calls>(m, "Calls", "forward", &Calls::forward, "gradient", &Calls::gradient);
  using Result = AttackResult;
  bind<Result>(m, "Result", "adversaries", &Result::adversaries, "success", &Result::success,
               "distances", &Result::distances, "calls", &Result::calls, "pattern",
               &Result::pattern, "pattern_shape", &Result::pattern_shape, "without_start",
               &Result::without_start);
  bind<Attack>(m, "Attack", "norm", &Attack::norm, "epsilon", &Attack::epsilon, "clip",
               &Attack::clip, "seed", &Attack::seed, "criterion", &Attack::criterion,
               "random_targets", &Attack::random_targets, "least_likely_targets",
               &Attack::least_likely_targets, "targets", &Attack::targets, "numbers",
               &Attack::numbers, "options", &Attack::options, "result", &Attack::result)
      .def("load_generator", &Attack::load_generator)
      .def("run", &Attack::run, nb::arg(), nb::arg(), nb::arg().noconvert(), nb::arg().noconvert());

  bind<Alarm>(m, "Alarm", "name", &Alarm::name, "text", &Alarm::text);
  using Score = AttackScore;
  bind<Score>(m, "Score", "name", &Score::name, "tried", &Score::tried, "withstood",
              &Score::withstood, "mean_distance", &Score::mean_distance, "forward_calls",
              &Score::forward_calls, "gradient_calls", &Score::gradient_calls, "seconds",
              &Score::seconds);
  bind<Verdict>(m, "Verdict", "n", &Verdict::n, "clean", &Verdict::clean, "worst_case",
                &Verdict::worst_case, "attacks", &Verdict::attacks, "robust", &Verdict::robust,
                "fooled", &Verdict::fooled)
      .def("accuracy_after", &Verdict::accuracy_after);
  m.def("judge", &judge, nb::arg(), nb::arg().noconvert(), nb::arg().noconvert(), nb::arg(),
        nb::arg(), nb::arg(), nb::arg(), nb::arg());
  using Proof = Certificates;
  bind<Proof>(m, "Certificates", "certified", &Proof::certified, "radii", &Proof::radii, "seconds",
              &Proof::seconds);
  using Smoothing = SmoothingOptions;
  bind<Smoothing>(m, "Smoothing", "sigma", &Smoothing::sigma, "samples", &Smoothing::samples,
                  "alpha", &Smoothing::alpha, "seed", &Smoothing::seed);
  m.def("certificate_methods", [] {
    std::vector<std::string> names;
    for (const CertificateMethod& one : certificate_methods()) names.emplace_back(one.name);
    return names;
  });
  m.def("certify", &certify, nb::arg(), nb::arg(), nb::arg().noconvert(), nb::arg().noconvert(),
        nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg());
  m.def("left_out_of_suite", &left_out_of_suite, nb::rv_policy::reference);
}
