#include "native/chapter10/generators.h"

#include "native/interrupt.h"

namespace inoculate {

Generator train_section_generator(
    const ChapterScene& scene, const std::string& name,
    const std::function<std::optional<Generator>(const ExampleSource&, const OnGeneratorStep&)>&
        train) {
  constexpr int kQuickImages = 500;
  Dataset images = load_split(scene.data, Split::kTrain);
  if (scene.quick && images.size() > kQuickImages) images = slice(images, 0, kQuickImages);
  scene.progress.begin("training a " + name);
  std::optional<Generator> made = train(examples_of(images), [&](const GeneratorProgress& p) {
    scene.progress.step((p.epoch - 1) * p.steps + p.step, p.epochs * p.steps);
    return !InterruptGuard::interrupted();
  });
  if (!made) throw Interrupted("interrupted");
  scene.progress.done("on " + std::to_string(images.size()) + " images");
  made->name = name;
  return std::move(*made);
}

}  // namespace inoculate
