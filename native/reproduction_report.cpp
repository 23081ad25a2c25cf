#include "native/reproduction_report.h"

#include <algorithm>
#include <ostream>

#include "native/files.h"
#include "native/model.h"
#include "native/png.h"
#include "native/results.h"
#include "native/text.h"
#include "native/training.h"
#include "pictures/curves.h"

namespace inoculate {
namespace {

// The tutorial's own figures, as far as they are known to us; "" stands for one that is not.
struct ArticleEpoch {
  int epoch;
  const char* figures;
};
constexpr ArticleEpoch kArticleTraining[] = {
    {1, "0.1973 / 0.9402 / 0.9809"}, {2, ""}, {3, ""}, {18, ""}, {19, ""},
    {20, "0.0087 / 0.9970 / 0.9892"}};
constexpr ArticleEpoch kArticleFineTuning[] = {{1, "8.0170 / 0.2455"}, {10, "0.0717 / 0.9817"}};

constexpr const char* kFiles[] = {"simple_cnn.safetensors",
                                  "fine_tuned.safetensors",
                                  "fine_tuned_held_out.safetensors",
                                  "fine_tuned_clipped.safetensors",
                                  "curves.csv",
                                  "fine_tuning.csv",
                                  "curves.png",
                                  "adversaries.png"};

using Rows = std::vector<std::vector<std::string>>;

std::string loss_and_accuracy(double loss, double accuracy) {
  return fixed(loss, 4) + " / " + fixed(accuracy, 4);
}
std::string loss_and_accuracy(const Evaluation& e) {
  return loss_and_accuracy(e.loss, e.accuracy());
}

// The epochs the tutorial shows, as far as this run has them.
template <std::size_t N>
Rows epoch_rows(const ArticleEpoch (&article)[N], const std::vector<EpochRecord>& history,
                bool validated) {
  Rows rows;
  for (const ArticleEpoch& known : article) {
    const auto record = std::find_if(history.begin(), history.end(),
                                     [&](const EpochRecord& r) { return r.epoch == known.epoch; });
    if (record == history.end()) continue;
    std::string ours = loss_and_accuracy(record->loss, record->accuracy);
    if (validated) ours += " / " + fixed(record->validation_accuracy, 4);
    rows.push_back({"epoch " + std::to_string(known.epoch), ours, known.figures});
  }
  return rows;
}

void print_rows(std::ostream& out, const std::string& heading, Rows rows) {
  rows.insert(rows.begin(), {heading, "here", "the tutorial"});
  print_table(out, rows);
  out << '\n';
}

std::vector<std::string> defence_row(const std::string& name, const DefenceReport& report,
                                     const Evaluation& fresh_clipped) {
  const auto cell = [](const Evaluation& e) {
    const Interval interval = e.accuracy_interval();
    return fixed(100 * e.accuracy(), 2) + " [" + fixed(100 * interval.low, 1) + ", " +
           fixed(100 * interval.high, 1) + "]";
  };
  return {name, cell(report.clean), cell(report.replayed), cell(report.fresh), cell(fresh_clipped)};
}

Json defence_json(const DefenceReport& report, const Evaluation& fresh_clipped) {
  return {{"clean", to_json(report.clean)},
          {"replayed", to_json(report.replayed)},
          {"fresh", to_json(report.fresh)},
          {"fresh_clipped", to_json(fresh_clipped)}};
}

Json history_json(const std::vector<EpochRecord>& history) {
  Json json = Json::array();
  for (const EpochRecord& r : history) {
    json.push_back({{"epoch", r.epoch},
                    {"loss", r.loss},
                    {"accuracy", r.accuracy},
                    {"validation_loss", r.validation_loss},
                    {"validation_accuracy", r.validation_accuracy},
                    {"seconds", r.seconds}});
  }
  return json;
}

std::vector<double> column(const std::vector<EpochRecord>& history, double EpochRecord::*value) {
  std::vector<double> values;
  for (const EpochRecord& record : history) values.push_back(record.*value);
  return values;
}

Canvas curves(const Reproduction& r) {
  const auto of = [](const std::string& name, const std::vector<EpochRecord>& history,
                     double EpochRecord::*value) {
    return Curve{name, column(history, value), {}};
  };
  return draw_charts({{"Training: loss",
                       "epoch",
                       "cross-entropy",
                       {of("training", r.history, &EpochRecord::loss),
                        of("test", r.history, &EpochRecord::validation_loss)},
                       {},
                       true},
                      {"Training: accuracy",
                       "epoch",
                       "accuracy",
                       {of("training", r.history, &EpochRecord::accuracy),
                        of("test", r.history, &EpochRecord::validation_accuracy)},
                       {},
                       false},
                      {"Fine-tuning on adversaries: accuracy",
                       "epoch",
                       "accuracy on them",
                       {of("of test images", r.tutorial.history, &EpochRecord::accuracy),
                        of("of training images", r.held_out.history, &EpochRecord::accuracy),
                        of("clipped", r.held_out_clipped.history, &EpochRecord::accuracy)},
                       {},
                       false}});
}

}  // namespace

void print_report(std::ostream& out, const Reproduction& r, const std::string& folder) {
  const int n = r.before.clean.n;
  out << "The tutorial, by its own protocol (seed " << r.seed << ", n = " << n
      << " test images)\n\n";
  print_rows(out, "training: loss / accuracy / on test images",
             epoch_rows(kArticleTraining, r.history, true));
  print_rows(out, "before the defence: loss / accuracy",
             {{"clean test images", loss_and_accuracy(r.before.clean), "0.0443 / 0.9892"},
              {"their FGSM adversaries", loss_and_accuracy(r.before.fresh), "17.2824 / 0.0170"}});
  print_rows(out, "fine-tuning on those adversaries",
             epoch_rows(kArticleFineTuning, r.tutorial.history, false));
  print_rows(
      out, "after it",
      {{"clean test images", loss_and_accuracy(r.tutorial.report.clean), "0.0594 / 0.9844"},
       {"the same adversaries", loss_and_accuracy(r.tutorial.report.replayed), "0.0366 / 0.9906"},
       {"total time", duration_text(r.seconds), "5 min 12.8 s"}});

  out << "What it leaves out: accuracy in per cent with its 95 % interval, n = " << n
      << " test images\n\n";
  print_table(out, {{"weights", "clean", "replayed", "fresh", "fresh, clipped"},
                    defence_row("undefended", r.before, r.before_clipped),
                    defence_row("fine-tuned on the test images' adversaries", r.tutorial.report,
                                r.tutorial.fresh_clipped),
                    defence_row("fine-tuned on training images' adversaries", r.held_out.report,
                                r.held_out.fresh_clipped),
                    defence_row("the same, clipped throughout", r.held_out_clipped.report,
                                r.held_out_clipped.fresh_clipped)});
  out << "\nReplayed: adversaries made against the undefended weights. Fresh: made against the "
         "weights of the row, as an attacker would.\nThe attack is FGSM, L-inf, epsilon 0.1; the "
         "tutorial's form (mean squared error, not clipped) unless it says clipped (cross-entropy, "
         "pixels in 0..1).\n\n"
      << "In words: fine-tuning takes accuracy on the old adversaries from "
      << percent(r.before.fresh.accuracy()) << " to "
      << percent(r.tutorial.report.replayed.accuracy())
      << ", the tutorial's result. An attacker who attacks the new weights brings it back to "
      << percent(r.tutorial.report.fresh.accuracy())
      << ": the defence has learnt those adversaries, not to withstand the attack.\nMade from "
         "training images, so that it never saw the images it is scored on, it reads "
      << percent(r.held_out.report.replayed.accuracy()) << " of the old adversaries and "
      << percent(r.held_out.report.fresh.accuracy())
      << " of fresh ones.\nThe tutorial's adversaries leave the range of pixels and are not "
         "valid images; kept within it, FGSM takes the undefended network to "
      << percent(r.before_clipped.accuracy()) << ".\n\n"
      << "The first part took " << duration_text(r.seconds_in_all) << ". In " << folder << ": "
      << joined(kFiles) << '\n';
}

std::span<const char* const> first_part_files() { return kFiles; }

Json to_json(const Reproduction& r) {
  return {{"seed", r.seed},
          {"n", r.before.clean.n},
          {"training", history_json(r.history)},
          {"fine_tuning", history_json(r.tutorial.history)},
          {"undefended", defence_json(r.before, r.before_clipped)},
          {"fine_tuned", defence_json(r.tutorial.report, r.tutorial.fresh_clipped)},
          {"fine_tuned_held_out", defence_json(r.held_out.report, r.held_out.fresh_clipped)},
          {"fine_tuned_clipped",
           defence_json(r.held_out_clipped.report, r.held_out_clipped.fresh_clipped)},
          {"seconds", r.seconds},
          {"seconds_in_all", r.seconds_in_all}};
}

void write_files(const Reproduction& r, const std::string& command,
                 const std::filesystem::path& folder) {
  const auto save = [&](const Network& network, const std::string& what, const char* file) {
    save_model(network, {{"trained_by", command}, {"weights", what}}, folder / file);
  };
  save(r.network, "undefended", "simple_cnn.safetensors");
  save(r.tutorial.network, "fine-tuned on FGSM adversaries of the test images",
       "fine_tuned.safetensors");
  save(r.held_out.network, "fine-tuned on FGSM adversaries of training images",
       "fine_tuned_held_out.safetensors");
  save(r.held_out_clipped.network, "fine-tuned on clipped FGSM adversaries of training images",
       "fine_tuned_clipped.safetensors");
  write_file_atomically(folder / "curves.csv", to_csv(r.history));
  write_file_atomically(folder / "fine_tuning.csv", to_csv(r.tutorial.history));
  write_file_atomically(folder / "curves.png", write_png(curves(r)));
  write_file_atomically(folder / "adversaries.png",
                        write_png(draw_sheet({"The tutorial's adversaries",
                                              describe(tutorial_attack()) + "; accuracy " +
                                                  percent(r.before.clean.accuracy()) + " to " +
                                                  percent(r.before.fresh.accuracy()) + " on " +
                                                  std::to_string(r.before.clean.n) + " images",
                                              r.adversaries})));
}

}  // namespace inoculate
