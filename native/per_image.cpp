#include "native/per_image.h"

#include "attack/perturbation.h"
#include "attack/stored.h"
#include "native/csv_cell.h"
#include "native/guesses.h"
#include "native/text.h"

namespace inoculate {
namespace {

std::string line_of(const std::vector<std::string>& cells) {
  std::string line = cells[0];
  for (std::size_t i = 1; i < cells.size(); ++i) line += "," + cells[i];
  return line + '\n';
}

/// The class that a model reads, and its probability; nothing if the model tells none.
std::vector<Guess> readings(const Classifier& model, const Matrix& images) {
  std::vector<Guess> read;
  for (const auto& guesses : likeliest_classes(model.logits(images), 1)) {
    read.push_back(guesses[0]);
  }
  return read;
}

}  // namespace

std::string per_image_csv(const AttackTask& task, const AttackResult& result,
                          const std::vector<int>& rows, bool labelled) {
  const Matrix images = rows_of(task.images, rows);
  const Matrix adversaries = rows_of(result.adversaries, rows);
  const std::vector<std::uint8_t> stored = stored_success(task, result.adversaries);
  const std::vector<Guess> before = readings(task.model, images);
  const std::vector<Guess> after = readings(task.model, adversaries);
  const std::vector<Guess> as_picture = readings(task.model, as_stored(adversaries));
  const bool tells_probability = task.model.spec().gives >= Knowledge::kTopProbability;
  const auto probability = [&](const Guess& guess) {
    return tells_probability ? exact(guess.confidence) : "";
  };
  std::string csv = std::string(kAttackColumns) + '\n';
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const int row = rows[k];
    const auto at = static_cast<std::size_t>(row);
    const auto target = task.criterion_of(row).target;
    std::vector<std::string> cells{std::to_string(task.numbers.empty() ? row : task.numbers[at]),
                                   labelled ? std::to_string(task.labels[at]) : "",
                                   target ? std::to_string(*target) : "",
                                   std::to_string(before[k].label),
                                   probability(before[k]),
                                   std::to_string(after[k].label),
                                   probability(after[k]),
                                   std::to_string(as_picture[k].label),
                                   result.success[at] != 0 ? "1" : "0",
                                   stored[at] != 0 ? "1" : "0"};
    for (const Norm norm : {Norm::kLinf, Norm::kL2, Norm::kL1, Norm::kL0}) {
      cells.push_back(exact(distance(adversaries.row(static_cast<Eigen::Index>(k)).data(),
                                     images.row(static_cast<Eigen::Index>(k)).data(),
                                     task.input_size(), norm)));
    }
    cells.push_back(std::to_string(result.calls[at].forward));
    cells.push_back(std::to_string(result.calls[at].gradient));
    csv += line_of(cells);
  }
  return csv;
}

std::string per_image_csv(const RobustnessRun& run, const Labels& labels,
                          const std::vector<int>& numbers) {
  std::string csv = std::string(kRobustnessColumns) + '\n';
  for (const JudgedModel& model : run.models) {
    const Verdict& verdict = model.verdict;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      std::string all, first;
      for (std::size_t k = 0; k < verdict.fooled.size(); ++k) {
        if (verdict.fooled[k][i] == 0) continue;
        const std::string& name = verdict.attacks[k].name;
        if (first.empty()) first = name;
        all += (all.empty() ? "" : " ") + name;
      }
      csv += line_of({csv_cell(model.name), std::to_string(numbers[i]), std::to_string(labels[i]),
                      verdict.robust[i] != 0 || !first.empty() ? "1" : "0",
                      verdict.robust[i] != 0 ? "1" : "0", first, all});
    }
  }
  return csv;
}

}  // namespace inoculate
