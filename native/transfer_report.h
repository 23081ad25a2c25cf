// A transfer matrix as text, CSV, JSON and a picture, beside the published one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/bytes.h"
#include "evaluate/transfer_matrix.h"
#include "native/commands.h"
#include "pictures/canvas.h"

namespace inoculate {

/// The kinds of model of Papernot's figure, in its order.
enum class PaperKind { kDnn, kLogistic, kSvm, kTree, kNeighbours, kEnsemble };

/// Which of them a model is: what is neither linear nor one of the others is a network.
PaperKind paper_kind(const Classifier& model);

/// What "GANs in Action", figure 10.4, has of Papernot, McDaniel and Goodfellow, 2016, for
/// adversaries of `row` shown to `column`, 0..1; nothing for adversaries of the ensemble.
std::optional<double> published_share(PaperKind row, PaperKind column);

/// A run as it is told.
struct TransferRun {
  std::vector<std::string> names;  ///< of the models
  std::vector<PaperKind> kinds;
  TransferMatrix matrix;
  ThreatModel threat;
  int n = 0;  ///< images
  /// Whether the published figures stand beside ours: models of different kinds on images such as
  /// theirs.
  bool beside_paper = false;
};

std::string text_of(const TransferRun& run);
/// A heading, and a line a field.
Bytes csv_of(const TransferRun& run);
Json json_of(const TransferRun& run);
/// Both ways of counting and, where it fits, the published figure. Of at most kMostMatrixRows
/// models.
Canvas picture_of(const TransferRun& run);

}  // namespace inoculate
