#include "native/robustness_report.h"

#include <algorithm>

#include "native/html.h"
#include "native/png.h"
#include "native/report_parts.h"
#include "native/report_style.h"
#include "native/results.h"
#include "native/shell.h"
#include "native/text.h"
#include "native/threat_options.h"
#include "native/version.h"

namespace inoculate {
namespace {

using Row = std::vector<std::string>;

// The signs that were looked for, or those that this suite cannot show.
std::string alarm_table(const RobustnessRun& run, bool looked_for, const std::string& caption) {
  std::vector<Row> rows{{"Sign", "what it would mean"}};
  for (const AlarmKind& kind : alarm_kinds()) {
    if (can_ring(kind, run) != looked_for) continue;
    rows.push_back({kind.sign + element("span", kind.name, "class=\"interval\""), kind.meaning});
  }
  return rows.size() == 1 ? "" : html_table(caption, rows, "words");
}

std::string alarms(const RobustnessRun& run) {
  std::string rung;
  for (const JudgedModel& model : run.models) {
    for (const Alarm& alarm : model.alarms) {
      rung +=
          element("li", element("strong", name_of(model), "class=\"rings\"") + ": " +
                            element("code", escape(alarm.name)) + ": " + escape(alarm.text) + ".") +
          "\n";
    }
  }
  std::string html =
      heading("Alarms") +
      paragraph(
          "A network may only look robust: its gradients hide, and attacks fail for reasons "
          "of their own. These are signs of it (Athalye, Carlini and Wagner 2018; Carlini et "
          "al. 2019).");
  bool judged_all = true;
  for (const JudgedModel& model : run.models) {
    if (!model.verdict.nothing_to_judge()) continue;
    judged_all = false;
    html += paragraph(
        name_of(model) + " reads none of the images correctly: there is nothing to judge.",
        "rings");
  }
  if (!rung.empty()) {
    html += element("ul", "\n" + rung, "class=\"plain\"") + "\n";
  } else if (judged_all) {
    html += paragraph("None rang, for any model.", "quiet-bell");
  }
  html += alarm_table(run, true, "Looked for");
  html += alarm_table(run, false, "Not looked for: these attacks cannot show it");
  for (const AttackMethod* method : left_out_of_suite(run.suite_name, run.judging.threat.norm)) {
    html += paragraph(element("code", method->name) +
                          " of the suite was left out: it does not support " +
                          norm_words(run.judging.threat.norm) + ".",
                      "note");
  }
  return section(html);
}

Row cost_row(const AttackScore& s) {
  const double tried = std::max(1, s.tried);
  const auto calls = [&](std::int64_t count) {
    return std::to_string(count) +
           element("span", fixed(static_cast<double>(count) / tried, 1) + " an image",
                   "class=\"interval\"");
  };
  return {escape(s.name),
          std::to_string(s.tried),
          std::to_string(s.withstood),
          s.withstood == s.tried ? "&ndash;" : fixed(s.mean_distance, 4),
          calls(s.forward_calls),
          calls(s.gradient_calls),
          fixed(s.seconds, 2)};
}

std::string costs(const RobustnessRun& run) {
  std::string html =
      heading("What it cost") +
      paragraph("Distances are means over the adversaries that fooled, in " +
                norm_words(run.judging.threat.norm) +
                ". A gradient comes with the forward pass that it needs; forward calls are looks "
                "at the network besides. Seconds are those of one run on one machine.");
  for (const JudgedModel& model : run.models) {
    std::vector<Row> rows{{"Attack", "images", "withstood", "mean distance", "forward calls",
                           "gradient calls", "seconds"}};
    for (const AttackScore& s : model.verdict.attacks) rows.push_back(cost_row(s));
    html += html_table("Attacks on " + name_of(model), rows);
  }
  return section(html);
}

std::string attack_settings(const RobustnessRun& run, std::size_t k) {
  return describe(*run.suite[k].method, run.judging.threat, {}, run.suite[k].options);
}

// What the picture shows, for those who cannot see it.
std::string sheet_words(const ModelSpec& model, const std::vector<SheetEntry>& entries) {
  std::string words = "Original, perturbation and adversary of each image.";
  for (const SheetEntry& e : entries) {
    words += " A " + class_name(model, e.label) + ", read as " +
             class_name(model, e.predicted_before) + " with " +
             percent(static_cast<double>(e.confidence_before)) + ", then as " +
             class_name(model, e.predicted_after) + " with " +
             percent(static_cast<double>(e.confidence_after)) + ".";
  }
  return words;
}

std::string sheet_figure(const RobustnessRun& run, const JudgedModel& model, std::size_t k) {
  const std::vector<SheetEntry>& entries = model.sheets[k];
  const std::string settings = attack_settings(run, k);
  if (!sheet_form(model.spec)) {
    return paragraph(escape(settings) + ": sheets show images of one channel or three.", "note");
  }
  if (entries.empty()) {
    return paragraph(escape(settings) + ": no image was left to attack.", "note");
  }
  const Canvas canvas =
      draw_sheet(sheet_of(model.spec, run.suite[k].method->name, settings, entries));
  return element("figure", "\n" +
                               element("div",
                                       "<img src=\"" + png_uri(write_png(canvas)) + "\" width=\"" +
                                           std::to_string(canvas.width()) + "\" height=\"" +
                                           std::to_string(canvas.height()) + "\" alt=\"" +
                                           escape(sheet_words(model.spec, entries)) + "\">",
                                       "class=\"scroll\" tabindex=\"0\"") +
                               "\n" +
                               element("figcaption", element("code", run.suite[k].method->name) +
                                                         " on " + name_of(model)) +
                               "\n") +
         "\n";
}

std::string sheets(const RobustnessRun& run) {
  std::string html =
      heading("Adversaries") +
      paragraph(std::string("Of each class the first image that the model reads correctly") +
                (run.judging.cascade ? " and that withstood the attacks before" : "") +
                ", whether the attack fooled it or not: nothing is picked. A red frame marks what "
                "fooled the network; below each image stand the prediction and its confidence.");
  for (const JudgedModel& model : run.models) {
    html += element("h3", name_of(model)) + "\n";
    for (std::size_t k = 0; k < run.suite.size(); ++k) html += sheet_figure(run, model, k);
  }
  return section(html);
}

std::string settings(const RobustnessRun& run, const std::string& folder) {
  const ThreatModel& threat = run.judging.threat;
  std::string list;
  const auto add = [&](const char* what, const std::string& html) {
    list += element("dt", what) + element("dd", html) + "\n";
  };
  std::string models, attacks;
  for (const JudgedModel& model : run.models) {
    models += (models.empty() ? "" : "<br>") + element("bdi", escape(model.spec.name));
  }
  for (std::size_t k = 0; k < run.suite.size(); ++k) {
    attacks += (k == 0 ? "" : "<br>") +
               escape(attack_settings(run, k) + " (" + run.suite[k].method->paper + ")");
  }
  add("threat", norm_words(threat.norm) + ", epsilon " + epsilon_words(run) +
                    ", pixels kept to 0..1, any wrong class");
  add("attacks", escape(run.suite_name) + (run.judging.cascade ? ", as a cascade" : "") +
                     (run.judging.quantise ? ", adversaries on 256 levels" : "") + "<br>" +
                     attacks);
  add("models", models);
  const std::string source = run.images.empty() ? run.data.string() : run.images;
  add("images", "the first " + std::to_string(run.n) + " " + image_words(run) + " of " +
                    element("bdi", escape(source)));
  add("seed", std::to_string(run.judging.seed));
  add("build", escape(version_text()));
  return section(heading("How to make it again") +
                 element("pre", element("code", escape(report_command(run, folder)))) + "\n" +
                 element("dl", "\n" + list) + "\n" +
                 paragraph("From the same folder, with the same files and build, every figure but "
                           "the seconds comes out the same, whatever the number of threads.",
                           "note"));
}

}  // namespace

std::string report_command(const RobustnessRun& run, const std::string& folder) {
  CommandLine line("inoculate", "robustness");
  for (const JudgedModel& model : run.models) line.option("--model", model.spec.name);
  for (const auto& [key, value] : run.preprocess) line.option(preprocess_option(key), value);
  add_purify_options(line, run.purify);
  return line.option("--data", run.images.empty() ? run.data.string() : "")
      .option("--images", run.images)
      .option("--labels", run.labels)
      .option("--norm", norm_name(run.judging.threat.norm))
      .option("--epsilon", exact(run.judging.threat.epsilon))
      .option("--attacks", run.suite_name)
      .option("--count", std::to_string(run.count))
      .option("--certify", run.certificate == nullptr ? "" : run.certificate->name)
      .flag("--cascade", run.judging.cascade)
      .flag("--quantise", run.judging.quantise)
      .option("--seed", std::to_string(run.judging.seed))
      .option("--report", folder)
      .text();
}

std::string robustness_page(const RobustnessRun& run, const std::string& folder) {
  std::string names;
  for (const JudgedModel& model : run.models) {
    names += (names.empty() ? "" : ", ") + escape(model.name);
  }
  const std::string lede =
      "Every image is attacked in " + std::to_string(run.suite.size()) +
      (run.suite.size() == 1 ? " way" : " ways") + " by perturbations of at most " +
      epsilon_words(run) + " in " + norm_words(run.judging.threat.norm) +
      ". What counts is the worst case: the share still read correctly, whatever the attack.";
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src "
         "data:; "
         "style-src 'unsafe-inline'\">\n" +
         element("title", "Robustness: " + names) + "\n" + element("style", kReportStyle) +
         "\n</head>\n<body>\n<header>\n" +
         paragraph("Inoculate &middot; robustness report", "kicker") +
         element("h1", run.models.size() == 1
                           ? "How much " + name_of(run.models[0]) + " withstands"
                           : "How much these " + std::to_string(run.models.size()) +
                                 " models withstand") +
         "\n" + paragraph(lede, "lede") +
         paragraph(escape(norm_words(run.judging.threat.norm) + ", epsilon " + epsilon_words(run) +
                          ", " + run.suite_name + " attacks, n = " + std::to_string(run.n) + " " +
                          image_words(run) + ", seed " + std::to_string(run.judging.seed)),
                   "note") +
         verdict_figures(run) + "</header>\n<main>\n" + accuracy_section(run) + curve_section(run) +
         alarms(run) + costs(run) + sheets(run) + settings(run, folder) +
         "</main>\n</body>\n</html>\n";
}

}  // namespace inoculate
