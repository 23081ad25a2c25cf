#include <algorithm>

#include "native/chapter10/chapter.h"

namespace inoculate {

LabelledImages ChapterScene::first(int count) const {
  const auto n = std::min<Eigen::Index>(count, test.images.rows());
  return {test.images.topRows(n), {test.labels.begin(), test.labels.begin() + n}};
}

const std::vector<ChapterSection>& chapter_sections() {
  static const std::vector<ChapterSection> sections{
      {"landscape", "Landscapes of the loss", "figure 10.1", landscape_section},
      {"confident", "Wrong, and sure of it", "tables 10.1 and 10.2", confident_section},
      {"transfer", "From one kind of model to another", "figure 10.4", transfer_section},
      {"noise", "What is read in noise", "figures 10.5, 10.7 and 10.8", noise_section},
      {"manifold", "A defence by a generator, and its end", "section 10.6", manifold_section},
      {"generator", "A generator as the adversary", "section 10.6", generator_section},
  };
  return sections;
}

}  // namespace inoculate
