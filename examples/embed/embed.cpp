// Loads a network's weights, attacks the picture of a stroke, and prints what is read before and
// after:
//   cmake -S examples/embed -B build/embed && cmake --build build/embed
//   build/embed/embed /usr/share/inoculate/standard.safetensors
#include <inoculate/attack/pgd.h>
#include <inoculate/data/safetensors.h>
#include <inoculate/model/network_classifier.h>
#include <inoculate/train/model_file.h>

#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>

using namespace inoculate;

int main(int, char** argv) try {
  const std::string path = argv[1] != nullptr ? argv[1] : "standard.safetensors";
  std::ifstream stream(path, std::ios::binary);
  const Bytes bytes{std::istreambuf_iterator<char>(stream), {}};
  const NetworkClassifier model(network_of(parse_safetensors(bytes, path), path), path);

  Matrix image = Matrix::Zero(1, model.spec().input.size());  // a digit 1: rows 5 to 22
  for (int y = 5; y < 23; ++y) image.row(0).segment(y * 28 + 13, 2).setOnes();
  const Labels label = most_likely(model.logits(image));

  const AttackTask task{model, image, label, ThreatModel{Norm::kLinf, 0.3F}, Criterion{}};
  Rng rng(1);
  const AttackResult result = pgd(task, PgdOptions{}, rng);
  std::cout << "read as " << label[0] << ", after PGD within " << result.distances[0] << " as "
            << most_likely(model.logits(result.adversaries))[0] << '\n';
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
