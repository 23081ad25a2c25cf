#include "evaluate/defence.h"

namespace inoculate {

DefenceReport judge_defence(const Network& network, const Matrix& images, const Labels& labels,
                            const Matrix& old_adversaries, const FgsmOptions& attack) {
  const Matrix fresh = fgsm(network, images, labels, attack);
  return {evaluate(network, examples_of(images, labels)),
          evaluate(network, examples_of(old_adversaries, labels)),
          evaluate(network, examples_of(fresh, labels))};
}

}  // namespace inoculate
