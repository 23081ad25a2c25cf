// Figure 10.4: adversaries of one kind of model, shown to the others.
#include <algorithm>
#include <memory>
#include <optional>

#include "evaluate/transfer_matrix.h"
#include "model/ensemble.h"
#include "native/chapter10/page.h"
#include "native/classifier.h"
#include "native/fit_model.h"
#include "native/html.h"
#include "native/interrupt.h"
#include "native/report_parts.h"
#include "native/text.h"
#include "native/transfer_report.h"

namespace inoculate {
namespace {

using Row = std::vector<std::string>;
using Models = std::vector<std::unique_ptr<Classifier>>;

constexpr float kEpsilon = 0.3F;

// The book's kinds in its order: a network, four that are fitted here, and their vote.
Models models_of(const ChapterScene& scene, int training_images) {
  const Dataset train = load_split(scene.data, Split::kTrain);
  const LabelledImages images =
      all_images(slice(train, 0, std::min(training_images, train.size())));
  Models models, parts;
  for (Models* some : {&models, &parts}) some->push_back(load_classifier(scene.standard()));
  const ModelSpec& spec = models[0]->spec();
  for (const char* kind : {"logistic", "svm", "tree", "knn"}) {
    FitSettings settings;
    settings.kind = kind;
    const FittedModel fitted = fit_model(settings, images, spec.input, spec.classes);
    for (Models* some : {&models, &parts}) some->push_back(classifier_of(fitted, kind));
    if (InterruptGuard::interrupted()) throw Interrupted("interrupted");
  }
  models.push_back(std::make_unique<EnsembleClassifier>(std::move(parts), "vote"));
  return models;
}

// The mean share off the diagonal of those rows and columns for which the book has a figure; ours,
// or the book's own.
double mean_across(const TransferRun& run, bool published, std::optional<PaperKind> row_kind) {
  double sum = 0;
  int count = 0;
  for (std::size_t row = 0; row < run.kinds.size(); ++row) {
    if (row_kind && run.kinds[row] != *row_kind) continue;
    for (std::size_t column = 0; column < run.kinds.size(); ++column) {
      const auto book = published_share(run.kinds[row], run.kinds[column]);
      if (row == column || !book) continue;
      sum += published ? *book : run.matrix.cells[row][column].misread_share();
      ++count;
    }
  }
  return sum / count;
}

std::string table(const TransferRun& run) {
  std::vector<Row> rows{{"Adversaries of"}};
  for (const std::string& name : run.names) rows[0].push_back("read by " + escape(name));
  for (std::size_t row = 0; row < run.names.size(); ++row) {
    rows.push_back({escape(run.names[row]) +
                    element("span", run.matrix.attacks[row]->name, "class=\"interval\"")});
    for (std::size_t column = 0; column < run.names.size(); ++column) {
      const auto book = published_share(run.kinds[row], run.kinds[column]);
      rows.back().push_back(
          percent(run.matrix.cells[row][column].misread_share()) +
          element("span", book ? "book " + percent(*book) : "&nbsp;", "class=\"interval\""));
    }
  }
  return html_table(
      "Share of the row's adversaries that the column misreads, as the paper counts, n "
      "= " +
          std::to_string(run.n) + " test images, and the book's below.",
      rows);
}

}  // namespace

SectionResult transfer_section(const ChapterScene& scene) {
  const int training_images = scene.quick ? 500 : 10000;
  const Models models = models_of(scene, training_images);
  TransferRun run;
  std::vector<const Classifier*> all;
  for (const auto& model : models) all.push_back(model.get());
  run.kinds = {PaperKind::kDnn,  PaperKind::kLogistic,   PaperKind::kSvm,
               PaperKind::kTree, PaperKind::kNeighbours, PaperKind::kEnsemble};
  run.names = {"DNN", "LR", "SVM", "tree", "kNN", "vote"};
  const LabelledImages test = scene.first(scene.quick ? 20 : 1000);
  TransferOptions options;
  options.threat.epsilon = kEpsilon;
  options.seed = scene.seed;
  int begun = -1;
  run.matrix = transfer_matrix(
      all, test.images, test.labels, options, [&](int row, const AttackProgress& p) {
        if (row != begun) {
          scene.progress.begin("adversaries of " + run.names[static_cast<std::size_t>(row)]);
          begun = row;
        }
        scene.progress.step(p.done, p.total);
        return !InterruptGuard::interrupted();
      });
  scene.progress.pause();
  if (run.matrix.cancelled) throw Interrupted("interrupted");
  run.threat = options.threat;
  run.n = static_cast<int>(test.labels.size());
  run.beside_paper = true;

  const double ours = mean_across(run, false, {}), book = mean_across(run, true, {});
  const double tree = mean_across(run, false, PaperKind::kTree);
  const double book_tree = mean_across(run, true, PaperKind::kTree);
  int both = 0, fooled = 0;
  for (std::size_t row = 0; row < all.size(); ++row) {
    for (std::size_t column = 0; column < all.size(); ++column) {
      if (row == column) continue;
      both += run.matrix.cells[row][column].both_right;
      fooled += run.matrix.cells[row][column].fooled;
    }
  }
  const std::string limit = std::to_string(training_images);
  SectionResult section;
  section.html =
      paragraph(
          "An adversary is made against one model and shown to another, of a kind that has "
          "nothing in common with it (Papernot, McDaniel and Goodfellow 2016). The network "
          "is assets/standard; the others are fitted on the first " +
          limit + " training images.") +
      table(run) +
      page_figure(picture_of(run), "The table as a picture, with the book's beside it.",
                  "The same as a picture: the darker, the more adversaries are misread") +
      findings({{ours > 0.1 ? Finding::kHolds : Finding::kFails,
                 "Adversaries cross from kind to kind: " + percent(ours) +
                     " of them are misread by another model, the book's: " + percent(book) + "."},
                {tree < ours ? Finding::kHolds : Finding::kFails,
                 "Those of the tree cross least well: " + percent(tree) +
                     ", the book's: " + percent(book_tree) + "."},
                {Finding::kLeftOut,
                 "The paper counts what the column misreads anyway. Of the images that both models "
                 "of a pair read rightly before, " +
                     (both > 0 ? percent(static_cast<double>(fooled) / both) : "none") +
                     " are misread after."}}) +
      command_block(
          {"inoculate fit --kind logistic --train-limit " + limit + " --out lr.json",
           "inoculate fit --kind svm --train-limit " + limit + " --out svm.json",
           "inoculate fit --kind tree --train-limit " + limit + " --out tree.json",
           "inoculate fit --kind knn --train-limit " + limit + " --out knn.safetensors",
           "cp assets/standard.safetensors dnn.safetensors",
           "inoculate fit --kind ensemble --parts dnn.safetensors,lr.json,svm.json,tree.json,"
           "knn.safetensors --out vote.json",
           "inoculate transfer --models dnn.safetensors,lr.json,svm.json,tree.json,"
           "knn.safetensors,vote.json --epsilon 0.3 --out transfer"});
  section.json = {{"n", run.n}, {"across", ours}, {"book", book}, {"matrix", json_of(run)}};
  return section;
}

}  // namespace inoculate
