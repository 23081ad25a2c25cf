#include "evaluate/defence.h"

namespace inoculate {

DefenceReport judge_defence(const Classifier& model, const Matrix& images, const Labels& labels,
                            const Matrix& old_adversaries, const FgsmOptions& attack) {
  const Matrix fresh = fgsm(model, images, labels, attack);
  return {evaluate(model, examples_of(images, labels)),
          evaluate(model, examples_of(old_adversaries, labels)),
          evaluate(model, examples_of(fresh, labels))};
}

}  // namespace inoculate
