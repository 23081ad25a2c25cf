#include "web/app/examples.h"

namespace inoculate::page {

std::vector<Stroke> example_drawing() {
  return {{{{0.29F, 0.24F}, {0.45F, 0.22F}, {0.70F, 0.23F}, {0.60F, 0.44F}, {0.46F, 0.80F}},
           0.045F,
           false}};
}

}  // namespace inoculate::page
