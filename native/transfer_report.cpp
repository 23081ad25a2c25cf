#include "native/transfer_report.h"

#include <algorithm>
#include <array>
#include <functional>
#include <sstream>

#include "model/graph_classifier.h"
#include "native/text.h"
#include "native/threat_options.h"
#include "nn/ops/kernel.h"
#include "pictures/matrix.h"

namespace inoculate {
namespace {

using Shares = std::vector<std::vector<std::optional<double>>>;

bool is_linear(const Classifier& model) {
  const auto* classifier = dynamic_cast<const GraphClassifier*>(&model);
  if (classifier == nullptr) return false;
  const auto& nodes = classifier->graph().nodes;
  return std::all_of(nodes.begin(), nodes.end(), [](const Node& node) {
    return node.kernel == nullptr || node.kernel == &kReshape || node.kernel == &kDense ||
           node.kernel == &kAffine;
  });
}

Shares shares_of(const TransferRun& run,
                 const std::function<std::optional<double>(std::size_t, std::size_t)>& share) {
  Shares shares(run.names.size());
  for (std::size_t row = 0; row < shares.size(); ++row) {
    for (std::size_t column = 0; column < shares.size(); ++column) {
      shares[row].push_back(share(row, column));
    }
  }
  return shares;
}

std::optional<double> published(const TransferRun& run, std::size_t row, std::size_t column) {
  if (!run.beside_paper) return std::nullopt;
  return published_share(run.kinds[row], run.kinds[column]);
}

std::optional<double> fooled_share(const TransferCell& cell) {
  if (cell.both_right == 0) return std::nullopt;
  return static_cast<double>(cell.fooled) / cell.both_right;
}

std::string settings_of(const TransferRun& run) {
  return norm_name(run.threat.norm) + ", epsilon " +
         number(static_cast<double>(run.threat.epsilon)) +
         ", clipped to [0, 1], n = " + std::to_string(run.n);
}

std::string table_of(const TransferRun& run, const Shares& shares) {
  std::vector<std::vector<std::string>> rows{{"adversaries of", "by"}};
  rows.front().insert(rows.front().end(), run.names.begin(), run.names.end());
  for (std::size_t row = 0; row < shares.size(); ++row) {
    rows.push_back({run.names[row], run.matrix.attacks[row]->name});
    for (const std::optional<double>& share : shares[row]) {
      rows.back().push_back(share ? fixed(100 * *share, 2) : "");
    }
  }
  std::ostringstream text;
  print_table(text, rows, 2);
  return text.str();
}

}  // namespace

PaperKind paper_kind(const Classifier& model) {
  switch (model.spec().kind) {
    case ModelKind::kLinearSvm:
      return PaperKind::kSvm;
    case ModelKind::kTree:
      return PaperKind::kTree;
    case ModelKind::kNeighbours:
      return PaperKind::kNeighbours;
    case ModelKind::kEnsemble:
      return PaperKind::kEnsemble;
    case ModelKind::kPurified:
    case ModelKind::kOther:
      break;
  }
  return is_linear(model) ? PaperKind::kLogistic : PaperKind::kDnn;
}

std::optional<double> published_share(PaperKind row, PaperKind column) {
  constexpr std::array<std::array<double, 6>, 5> kPerCent{{
      {38.27, 23.02, 64.32, 79.31, 8.36, 20.72},
      {6.31, 91.64, 91.43, 87.42, 11.29, 44.14},
      {2.51, 36.56, 100, 80.03, 5.19, 15.67},
      {0.82, 12.22, 8.85, 89.29, 3.31, 5.11},
      {11.75, 42.89, 82.16, 82.95, 41.65, 31.92},
  }};
  if (row == PaperKind::kEnsemble) return std::nullopt;
  return kPerCent[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)] / 100;
}

std::string text_of(const TransferRun& run) {
  const auto& cells = run.matrix.cells;
  std::string text = settings_of(run) + "\n\nread rightly before: ";
  for (std::size_t i = 0; i < run.names.size(); ++i) {
    text += (i == 0 ? "" : ", ") + run.names[i] + " " + share_text(run.matrix.right[i], run.n);
  }
  text +=
      "\n\nof all adversaries, those that the column misreads, in per cent\n" +
      table_of(run, shares_of(run, [&](std::size_t r,
                                       std::size_t c) { return cells[r][c].misread_share(); })) +
      "\nof images that both read rightly before, in per cent\n" +
      table_of(run, shares_of(run, [&](std::size_t r, std::size_t c) {
                 return fooled_share(cells[r][c]);
               }));
  if (run.beside_paper) {
    text += "\nPapernot et al. 2016, of all adversaries\n" +
            table_of(run, shares_of(run, [&](std::size_t r, std::size_t c) {
                       return published(run, r, c);
                     }));
  }
  return text;
}

Bytes csv_of(const TransferRun& run) {
  std::string csv =
      "row,column,attack,n,misread,misread_share,misread_low,misread_high,both_right,fooled,"
      "fooled_share,fooled_low,fooled_high,published\n";
  const auto quoted = [](const std::string& name) {
    if (name.find_first_of(",\"\n") == std::string::npos) return name;
    std::string text = "\"";
    for (const char c : name) text += c == '"' ? "\"\"" : std::string(1, c);
    return text + "\"";
  };
  for (std::size_t row = 0; row < run.names.size(); ++row) {
    for (std::size_t column = 0; column < run.names.size(); ++column) {
      const TransferCell& cell = run.matrix.cells[row][column];
      const Interval misread = cell.misread_interval();
      csv += quoted(run.names[row]) + "," + quoted(run.names[column]) + "," +
             run.matrix.attacks[row]->name + "," + std::to_string(cell.n) + "," +
             std::to_string(cell.misread) + "," + fixed(cell.misread_share(), 6) + "," +
             fixed(misread.low, 6) + "," + fixed(misread.high, 6) + "," +
             std::to_string(cell.both_right) + "," + std::to_string(cell.fooled) + ",";
      if (const auto share = fooled_share(cell)) {
        const Interval fooled = wilson_interval(cell.fooled, cell.both_right);
        csv += fixed(*share, 6) + "," + fixed(fooled.low, 6) + "," + fixed(fooled.high, 6);
      } else {
        csv += ",,";
      }
      const auto paper = published(run, row, column);
      csv += "," + (paper ? fixed(*paper, 4) : "") + "\n";
    }
  }
  return {csv.begin(), csv.end()};
}

Json json_of(const TransferRun& run) {
  Json json{{"n", run.n},
            {"norm", norm_name(run.threat.norm)},
            {"epsilon", run.threat.epsilon},
            {"models", Json::array()},
            {"cells", Json::array()}};
  for (std::size_t i = 0; i < run.names.size(); ++i) {
    json["models"].push_back({{"name", run.names[i]},
                              {"attack", run.matrix.attacks[i]->name},
                              {"right", run.matrix.right[i]}});
  }
  for (std::size_t row = 0; row < run.names.size(); ++row) {
    for (std::size_t column = 0; column < run.names.size(); ++column) {
      const TransferCell& cell = run.matrix.cells[row][column];
      const Interval interval = cell.misread_interval();
      Json one{{"row", run.names[row]},         {"column", run.names[column]},
               {"misread", cell.misread},       {"misread_interval", {interval.low, interval.high}},
               {"both_right", cell.both_right}, {"fooled", cell.fooled}};
      if (cell.both_right > 0) {
        const Interval fooled = wilson_interval(cell.fooled, cell.both_right);
        one["fooled_interval"] = {fooled.low, fooled.high};
      }
      if (const auto paper = published(run, row, column)) one["published"] = *paper;
      json["cells"].push_back(std::move(one));
    }
  }
  return json;
}

Canvas picture_of(const TransferRun& run) {
  const auto& cells = run.matrix.cells;
  const auto panel = [&](const std::string& title, Shares shares) {
    return MatrixPanel{title, run.names, run.names, std::move(shares)};
  };
  MatrixPicture picture{
      "Adversaries of the row's model, shown to the column's",
      settings_of(run) +
          ". Figures are per cent; the CSV beside this picture has their 95 % intervals.",
      {panel("misread by the column, of all",
             shares_of(run, [&](auto r, auto c) { return cells[r][c].misread_share(); })),
       panel("of images that both read rightly before",
             shares_of(run, [&](auto r, auto c) { return fooled_share(cells[r][c]); }))}};
  if (run.beside_paper) {
    picture.panels.push_back(
        panel("Papernot et al. 2016 (GANs in Action, figure 10.4)",
              shares_of(run, [&](auto r, auto c) { return published(run, r, c); })));
  }
  return draw_matrices(picture);
}

}  // namespace inoculate
