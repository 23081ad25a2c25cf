#include "native/reproduction_table.h"

#include <array>
#include <ostream>

#include "native/files.h"
#include "native/model.h"
#include "native/results.h"
#include "native/text.h"
#include "native/training.h"

namespace inoculate {
namespace {

// The tutorial's own figures.
constexpr const char* kArticleClean = "99.06 %";
constexpr const char* kArticleReplayed = "96.41 %";

constexpr const char* kFiles[] = {"mixed_batch.safetensors", "pgd.safetensors",
                                  "trades.safetensors",      "certified.safetensors",
                                  "mixed_batch.csv",         "defences.csv"};

struct Column {
  const char* title;
  const char* key;
  int JudgedDefence::*correct;
};
constexpr std::array<Column, 6> kColumns{
    {{"clean", "clean", &JudgedDefence::clean},
     {"replayed FGSM", "replayed_fgsm", &JudgedDefence::replayed},
     {"fresh FGSM", "fresh_fgsm", &JudgedDefence::fresh},
     {"PGD-40", "pgd_40", &JudgedDefence::pgd},
     {"worst case", "worst_case", &JudgedDefence::worst_case},
     {"proven", "certified", &JudgedDefence::certified}}};

std::string cell(int correct, int n) {
  const Interval interval = wilson_interval(correct, n);
  return fixed(100.0 * correct / n, 1) + " [" + fixed(100 * interval.low, 1) + ", " +
         fixed(100 * interval.high, 1) + "]";
}

}  // namespace

void print_second_part(std::ostream& out, const SecondPart& part, std::uint64_t seed,
                       const std::string& folder) {
  const DefenceReport& mixed = part.mixed.report;
  out << "\nThe tutorial's second part: batches half of adversaries, made against the weights of "
         "that moment (seed "
      << seed << ", n = " << mixed.clean.n << " test images)\n\n";
  print_table(out, {{"after training on mixed batches: accuracy", "here", "the tutorial"},
                    {"clean test images", percent(mixed.clean.accuracy()), kArticleClean},
                    {"the old adversaries", percent(mixed.replayed.accuracy()), kArticleReplayed},
                    {"fresh adversaries", percent(mixed.fresh.accuracy()), ""}});
  out << "\nWhat neither part shows: accuracy in per cent with its 95 % interval, n = " << part.n
      << " test images, the same in every column\n\n";
  std::vector<std::vector<std::string>> rows{{"training"}};
  for (const Column& column : kColumns) rows[0].emplace_back(column.title);
  for (const JudgedDefence& defence : part.table) {
    rows.push_back({defence.name});
    for (const Column& column : kColumns) {
      rows.back().push_back(cell(defence.*column.correct, part.n));
    }
  }
  print_table(out, rows);
  out << "\nAdversaries are valid images here: L-inf, epsilon "
      << number(static_cast<double>(kReproductionEpsilon))
      << ", pixels in 0..1, cross-entropy.\nReplayed: made against the plain weights. Fresh, PGD "
         "and the worst case: against the weights of the row.\nWorst case: read correctly after "
         "each "
         "of "
      << worst_case_attacks()
      << ".\nProven: read correctly whatever the attack, by interval bounds (inoculate certify "
         "--method ibp), which find only what they were trained for.\n";
  for (const JudgedDefence& defence : part.table) {
    out << "  " << defence.name << ": " << defence.protocol << '\n';
  }
  out << "\nThe second part took " << duration_text(part.seconds) << ". In " << folder << ": "
      << joined(kFiles) << '\n';
}

std::span<const char* const> second_part_files() { return kFiles; }

Json to_json(const SecondPart& part) {
  Json table = Json::array();
  for (const JudgedDefence& defence : part.table) {
    Json row{{"training", defence.name}, {"protocol", defence.protocol}};
    for (const Column& column : kColumns) {
      const int correct = defence.*column.correct;
      const Interval interval = wilson_interval(correct, part.n);
      row[column.key] = {{"n", part.n},
                         {"accuracy", static_cast<double>(correct) / part.n},
                         {"accuracy_interval", {interval.low, interval.high}}};
    }
    table.push_back(std::move(row));
  }
  return {{"mixed_batch",
           {{"clean", to_json(part.mixed.report.clean)},
            {"replayed", to_json(part.mixed.report.replayed)},
            {"fresh", to_json(part.mixed.report.fresh)},
            {"fresh_clipped", to_json(part.mixed.fresh_clipped)}}},
          {"n", part.n},
          {"epsilon", kReproductionEpsilon},
          {"defence_epochs", part.defence_epochs},
          {"certified_epochs", part.certified_epochs},
          {"worst_case_over", worst_case_attacks()},
          {"defences", table},
          {"seconds", part.seconds}};
}

void write_second_part(const SecondPart& part, const std::string& command,
                       const std::filesystem::path& folder) {
  const auto save = [&](const Network& network, const std::string& what, const char* file) {
    save_model(network, {{"trained_by", command}, {"weights", what}}, folder / file);
  };
  save(part.mixed.network, "trained on mixed batches", "mixed_batch.safetensors");
  save(part.pgd, "PGD training", "pgd.safetensors");
  save(part.trades, "TRADES", "trades.safetensors");
  save(part.certified, "trained by interval bounds", "certified.safetensors");
  write_file_atomically(folder / "mixed_batch.csv", to_csv(part.mixed.history));
  std::string csv = "training,n";
  for (const Column& column : kColumns) {
    const std::string key = column.key;
    csv += "," + key + "," + key + "_low," + key + "_high";
  }
  csv += "\n";
  for (const JudgedDefence& defence : part.table) {
    csv += defence.name + "," + std::to_string(part.n);
    for (const Column& column : kColumns) {
      const int correct = defence.*column.correct;
      const Interval interval = wilson_interval(correct, part.n);
      csv += "," + fixed(static_cast<double>(correct) / part.n, 4) + "," + fixed(interval.low, 4) +
             "," + fixed(interval.high, 4);
    }
    csv += "\n";
  }
  write_file_atomically(folder / "defences.csv", Bytes(csv.begin(), csv.end()));
}

}  // namespace inoculate
