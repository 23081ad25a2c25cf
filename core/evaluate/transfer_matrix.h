// Which models adversaries of other models fool.
//
// Papernot, McDaniel and Goodfellow, "Transferability in machine learning", 2016: adversaries of
// the row's model are shown to the column's.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "attack/method.h"
#include "evaluate/interval.h"

namespace inoculate {

/// A row's adversaries as a column reads them.
struct TransferCell {
  int n = 0;           ///< adversaries, one an image
  int misread = 0;     ///< of them, as the paper counts: also images that were misread before
  int both_right = 0;  ///< images that both models read rightly before
  int fooled = 0;      ///< of those, adversaries that the column misreads

  double misread_share() const { return static_cast<double>(misread) / n; }
  Interval misread_interval() const { return wilson_interval(misread, n); }
};

struct TransferOptions {
  ThreatModel threat;
  const AttackMethod* attack = nullptr;  ///< null: what fits each row (attack/fitting.h)
  AttackOptions settings;
  std::uint64_t seed = 1;
};

struct TransferMatrix {
  std::vector<const AttackMethod*> attacks;      ///< of each row
  std::vector<std::vector<TransferCell>> cells;  ///< [row][column]
  std::vector<int> right;                        ///< images that each model reads rightly, of n
  bool cancelled = false;
};

/// The attack of each model, none of which attacks together with other images or needs a source.
/// Throws Error where one is not possible or does not know the threat's norm.
std::vector<const AttackMethod*> row_attacks(std::span<const Classifier* const> models,
                                             const TransferOptions& options);

/// Throws Error, which names them, unless all models take the same images and have the same classes
/// as the first.
void require_alike(std::span<const Classifier* const> models);

/// Attacks each model, at least one, on all of the images [N, input], N at least 1, with their
/// labels, and shows the adversaries to all. `on_progress` is told of the row and of the attack;
/// false cancels.
TransferMatrix transfer_matrix(
    std::span<const Classifier* const> models, ConstMatrixRef images, const Labels& labels,
    const TransferOptions& options,
    const std::function<bool(int row, const AttackProgress&)>& on_progress = nullptr);

}  // namespace inoculate
