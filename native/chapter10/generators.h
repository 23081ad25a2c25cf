// Generators that sections train for themselves.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "generate/batches.h"
#include "model/generator.h"
#include "native/chapter10/chapter.h"

namespace inoculate {

/// Trains one on MNIST's training images (some hundreds of them for a look) and tells its progress
/// under `name`. Throws Interrupted on Ctrl-C.
Generator train_section_generator(
    const ChapterScene& scene, const std::string& name,
    const std::function<std::optional<Generator>(const ExampleSource&, const OnGeneratorStep&)>&
        train);

}  // namespace inoculate
