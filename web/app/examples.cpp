#include "web/app/examples.h"

namespace inoculate::page {

std::vector<Stroke> example_drawing() {
  return {{{{0.29F, 0.35F},
            {0.40F, 0.25F},
            {0.53F, 0.20F},
            {0.65F, 0.30F},
            {0.56F, 0.50F},
            {0.34F, 0.75F},
            {0.68F, 0.73F}},
           0.05F,
           false}};
}

}  // namespace inoculate::page
