#include "native/report_parts.h"

#include "native/html.h"
#include "native/svg_chart.h"
#include "native/text.h"
#include "native/threat_options.h"

namespace inoculate {
namespace {

using Row = std::vector<std::string>;

std::string interval_words(const Interval& interval) {
  return "[" + fixed(100 * interval.low, 2) + ", " + fixed(100 * interval.high, 2) + "]";
}

std::string share_cell(int part, int n) {
  const double share = static_cast<double>(part) / n;
  return percent(share) +
         element("span", interval_words(wilson_interval(part, n)), "class=\"interval\"") +
         element("span", element("i", "", "style=\"width:" + fixed(100 * share, 2) + "%\""),
                 "class=\"bar\" aria-hidden=\"true\"");
}

// The share that is left after an attack, and that once its adversaries are stored where that is
// another; none where there was nothing to attack.
std::string left_cell(const RobustnessRun& run, const Verdict& verdict, int left, int stored_left) {
  if (verdict.nothing_to_judge()) return "&ndash;";
  if (run.judging.quantise) return share_cell(left, verdict.n);
  return share_cell(left, verdict.n) +
         element("span",
                 "as 8-bit pictures " + percent(static_cast<double>(stored_left) / verdict.n) +
                     " " + interval_words(wilson_interval(stored_left, verdict.n)),
                 "class=\"interval\"");
}

std::string worst_case_figure(const Verdict& verdict) {
  if (verdict.nothing_to_judge()) {
    return element("span", "&ndash;", "class=\"big\"") +
           element("span", "nothing to judge", "class=\"note rings\"");
  }
  return element("span",
                 fixed(100 * verdict.worst_case_accuracy(), 2) + element("small", "&thinsp;%"),
                 "class=\"big\"") +
         element("span", "worst case " + interval_words(verdict.worst_case_interval()),
                 "class=\"note\"");
}

}  // namespace

std::string name_of(const JudgedModel& model) { return element("bdi", escape(model.name)); }

std::string paragraph(const std::string& html, const std::string& kind) {
  return element("p", html, kind.empty() ? "" : "class=\"" + kind + "\"") + "\n";
}

std::string heading(const std::string& words) { return element("h2", words) + "\n"; }

std::string section(const std::string& html) { return element("section", "\n" + html) + "\n"; }

std::string epsilon_words(const RobustnessRun& run) {
  return number(static_cast<double>(run.judging.threat.epsilon));
}

std::string verdict_figures(const RobustnessRun& run) {
  std::string items;
  for (const JudgedModel& model : run.models) {
    const Verdict& v = model.verdict;
    const std::size_t alarms = model.alarms.size();
    items += element(
        "li",
        element("strong", name_of(model)) + worst_case_figure(v) +
            element("span", "clean " + percent(static_cast<double>(v.clean) / v.n),
                    "class=\"note\"") +
            (alarms > 0
                 ? element("span", std::to_string(alarms) + (alarms == 1 ? " alarm" : " alarms"),
                           "class=\"note rings\"")
             : v.nothing_to_judge()
                 ? ""
                 : element("span", "no alarm rang", "class=\"note quiet-bell\"")));
    items += "\n";
  }
  return element("ul", "\n" + items, "class=\"verdicts\"") + "\n";
}

std::string accuracy_section(const RobustnessRun& run) {
  std::vector<Row> rows{{"Accuracy"}, {"clean"}};
  for (const JudgedModel& model : run.models) {
    rows[0].push_back(name_of(model));
    rows[1].push_back(share_cell(model.verdict.clean, model.verdict.n));
  }
  for (std::size_t k = 0; k < run.suite.size(); ++k) {
    const AttackMethod& method = *run.suite[k].method;
    rows.push_back({(run.judging.cascade && k > 0 ? "then " : "") + std::string(method.name) +
                    element("span", escape(method.paper), "class=\"interval\"")});
    for (const JudgedModel& model : run.models) {
      const AttackScore& score = model.verdict.attacks[k];
      rows.back().push_back(left_cell(run, model.verdict, score.withstood, score.stored_withstood));
    }
  }
  if (run.certificate != nullptr) {
    rows.push_back({certified_words(run) +
                    element("span", "proven against every attack there is", "class=\"interval\"")});
    for (const JudgedModel& model : run.models) {
      rows.back().push_back(share_cell(model.proven->certified, model.verdict.n));
    }
  }
  rows.push_back(
      {"worst case" + element("span", "read correctly after every attack", "class=\"interval\"")});
  for (const JudgedModel& model : run.models) {
    const Verdict& v = model.verdict;
    rows.back().push_back(left_cell(run, v, v.worst_case, v.stored_worst_case));
  }
  return section(
      heading("What each withstands") +
      html_table("Share of n = " + std::to_string(run.n) + " " + image_words(run) +
                     " read correctly, with its 95 % Wilson interval.",
                 rows, "strong-last") +
      paragraph("An image counts as withstood in the worst case only when no attack of "
                "the suite changed its reading. The worst case is the figure to compare "
                "models by; each single attack flatters.",
                "note") +
      (run.certificate == nullptr
           ? ""
           : paragraph("Of an image between the two figures nobody knows: no attack of the suite "
                       "changed its reading, and no certificate says that none can.",
                       "note")) +
      (run.judging.quantise
           ? ""
           : paragraph("As 8-bit pictures: the same adversaries when every pixel is "
                       "rounded to one of the 256 levels that a file can store." +
                           (flatters_when_stored(run) ? " " + std::string(kStoredInCascade) : ""),
                       "note")));
}

namespace {

// Of each model what is proven, open and broken over epsilon.
std::string proof_areas(const RobustnessRun& run) {
  if (run.certificate == nullptr) return "";
  std::string html;
  for (const JudgedModel& model : run.models) {
    const std::vector<double> x(run.epsilons.begin(), run.epsilons.end());
    Curve proven{"proven", {}, x}, open{"open", {}, x}, broken{"broken", {}, x};
    for (std::size_t k = 0; k < x.size(); ++k) {
      proven.y.push_back(100 * model.proven->curve[k]);
      open.y.push_back(100 * model.curve[k]);
      broken.y.push_back(100.0 * model.verdict.clean / model.verdict.n);
    }
    const Chart chart{model.name + ": proven, open and broken over epsilon",
                      "epsilon, " + norm_words(run.judging.threat.norm) + ", pixels of 0..1",
                      "images, %",
                      {proven, open, broken},
                      std::pair{0.0, 100.0}};
    html +=
        element("figure",
                "\n" + element("div", svg_areas(chart, {880, 300, 20}), "class=\"wide\"") + "\n" +
                    element("div", svg_areas(chart, {358, 260, 10}), "class=\"narrow\"") + "\n" +
                    element("figcaption", name_of(model)) + "\n") +
        "\n";
  }
  return paragraph(std::string("From below: proven, by ") + run.certificate->name +
                   "; open, of which nobody knows; broken by the attack of the curve; and, white, "
                   "read wrongly from the start.") +
         html;
}

}  // namespace

std::string curve_section(const RobustnessRun& run) {
  const ThreatModel& threat = run.judging.threat;
  const std::vector<double> x(run.epsilons.begin(), run.epsilons.end());
  const double epsilon = static_cast<double>(threat.epsilon);
  const std::string attack = std::string("under ") + curve_attack(threat.norm) + " of 20 steps";
  Chart chart{"Accuracy over epsilon " + attack,
              "epsilon, " + norm_words(threat.norm) + ", pixels of 0..1",
              "accuracy, %",
              {},
              std::pair{0.0, 100.0}};
  std::vector<SvgMark> marks;
  std::string legend;
  std::vector<Row> rows{{"epsilon"}};
  for (const double e : x) rows.push_back({number(e)});
  for (std::size_t i = 0; i < run.models.size(); ++i) {
    const JudgedModel& model = run.models[i];
    Curve curve{model.name, {}, x};
    for (const double share : model.curve) curve.y.push_back(100 * share);
    chart.curves.push_back(std::move(curve));
    if (epsilon <= x.back()) {
      marks.push_back({i, epsilon, 100 * model.verdict.worst_case_accuracy()});
    }
    legend += element("li", svg_swatch(i) + name_of(model)) + "\n";
    rows[0].push_back(name_of(model));
    for (std::size_t k = 0; k < x.size(); ++k) rows[k + 1].push_back(percent(model.curve[k]));
  }
  for (std::size_t i = 0; run.certificate != nullptr && i < run.models.size(); ++i) {
    const JudgedModel& model = run.models[i];
    Curve curve{model.name + " certified", {}, x};
    for (const double share : model.proven->curve) curve.y.push_back(100 * share);
    chart.curves.push_back(std::move(curve));
    const std::string words = name_of(model) + ", " + certified_words(run);
    legend += element("li", svg_swatch(run.models.size() + i) + words) + "\n";
    rows[0].push_back(words);
    for (std::size_t k = 0; k < x.size(); ++k) {
      rows[k + 1].push_back(percent(model.proven->curve[k]));
    }
  }
  return section(
      heading("Accuracy over epsilon") +
      paragraph("U" + attack.substr(1) + " from one random start" +
                (run.judging.quantise ? ", of pixels between the levels too" : "") +
                ". An image once fooled counts as fooled at every larger epsilon." +
                std::string(marks.empty() ? ""
                                          : " The hollow marks on the dotted line are the worst "
                                            "cases of the table above, at epsilon " +
                                                epsilon_words(run) + ".") +
                (run.certificate == nullptr
                     ? ""
                     : " Below a line of what is certified all is proven, above that under attack "
                       "all is broken, and between the two it is open.")) +
      element("div", svg_chart(chart, marks, {880, 400, 170}), "class=\"wide\"") + "\n" +
      element("div", svg_chart(chart, marks, {358, 300, 96}), "class=\"narrow\"") + "\n" +
      element("ul", "\n" + legend, "class=\"legend\"") + "\n" + proof_areas(run) +
      element("details",
              element("summary", "The figures") + "\n" +
                  html_table("Accuracy " + attack + ", n = " + std::to_string(run.n) + ".", rows)));
}

}  // namespace inoculate
