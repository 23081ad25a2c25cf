// The tutorial's second part, and the defences that neither part shows, judged side by side.
//
// A. Rosebrock, "Mixing normal images and adversarial images when training CNNs", PyImageSearch,
// 15 March 2021.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "evaluate/robustness.h"
#include "native/reproduction.h"

namespace inoculate {

/// One row of the last table. All scores are on the same n test images, by valid adversaries at
/// kReproductionEpsilon in L-inf.
struct JudgedDefence {
  std::string name;
  std::string protocol;  ///< how it was trained, in words
  int clean = 0;         ///< images read right, as all that follow
  int replayed = 0;      ///< FGSM adversaries made against the undefended weights
  int fresh = 0;         ///< FGSM adversaries made against these weights
  int pgd = 0;           ///< PGD of 40 steps
  int worst_case = 0;    ///< whatever the attack
  int certified = 0;     ///< proven to be read right, whatever the attack, by interval bounds
};

/// All that the second part measures.
struct SecondPart {
  Defence mixed;  ///< as the tutorial has it; its reports are on all test images
  Network pgd;
  Network trades;
  Network certified;  ///< trained for interval bounds, from its first weights
  int n = 0;          ///< of the table
  int defence_epochs = 0, certified_epochs = 0;
  std::vector<JudgedDefence> table{};
  double seconds = 0;
};

/// Images of the last table: enough for intervals of three points, few enough for five attacks on
/// five networks.
inline constexpr int kJudgedImages = 1000;

/// The attacks whose worst case the table shows, in words.
std::string worst_case_attacks();

/// Runs the second part on the first part's results. Mixed batches: the undefended network trained
/// further, ten epochs at a tenth of the learning rate, on batches half of which are adversaries
/// made by the tutorial's attack against the weights of that moment. PGD training and TRADES: from
/// the undefended weights too, `epochs` epochs each. IBP: from first weights, `certified_epochs`
/// epochs. Then all of them are judged. Throws Interrupted on Ctrl-C.
SecondPart run_second_part(const Reproduction& first, const Dataset& train, const Dataset& test,
                           int epochs, int certified_epochs, Progress& progress);

}  // namespace inoculate
