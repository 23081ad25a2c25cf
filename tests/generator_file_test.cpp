#include <functional>

#include "catch.h"
#include "generators.h"
#include "model/graph_function.h"
#include "random_data.h"
#include "refusal_of.h"

using namespace inoculate;

namespace {

Generator again(const Generator& generator) {
  const Bytes bytes = write_safetensors(generator_file(generator, {{"trained_by", "a test"}}));
  return generator_of(parse_safetensors(bytes, "g"), "g");
}

bool same_outputs(const Graph& a, const Graph& b, const Matrix& inputs) {
  return GraphFunction(a, "a")(inputs) == GraphFunction(b, "b")(inputs);
}

}  // namespace

TEST_CASE("a generator's file gives the same generator again") {
  RandomData random(1);
  const Generator vae = random_generator(tiny_vae_sizes());
  const Generator vae_again = again(vae);
  CHECK(vae_again.sizes.kind == GeneratorKind::kVae);
  CHECK(vae_again.sizes.image == kTinyImage);
  CHECK(vae_again.sizes.encoder == vae.sizes.encoder);
  CHECK(vae_again.sizes.generator == vae.sizes.generator);
  CHECK(vae_again.sizes.latent == 3);
  CHECK(same_outputs(vae.encoder, vae_again.encoder, random.images(9, 12)));
  CHECK(same_outputs(vae.generator, vae_again.generator, random.images(9, 3)));

  Generator advgan = random_generator(tiny_advgan_sizes());
  for (const float epsilon : {0.3F, 8.0F / 255, 1.0F}) {
    advgan.epsilon = epsilon;
    const Generator advgan_again = again(advgan);
    CHECK(advgan_again.epsilon == epsilon);
    CHECK(same_outputs(advgan.generator, advgan_again.generator, random.images(9, 12)));
  }
  GeneratorSizes linear = tiny_vae_sizes();
  linear.encoder.clear();
  linear.generator.clear();
  const Generator plain = random_generator(linear);
  CHECK(same_outputs(plain.generator, again(plain).generator, random.images(9, 3)));
}

TEST_CASE("a damaged generator is refused in words") {
  struct Fault {
    std::string name;
    std::function<void(Safetensors&)> damage;
    std::string words;
  };
  const auto set = [](const char* key, const char* value) {
    return [=](Safetensors& file) { file.metadata[key] = value; };
  };
  const auto tensor = [](Safetensors& file, const std::string& name) -> NamedTensor& {
    for (NamedTensor& one : file.tensors) {
      if (one.name == name) return one;
    }
    throw std::runtime_error("no " + name);
  };
  const std::vector<Fault> faults{
      {"no kind", [](Safetensors& f) { f.metadata.erase("kind"); }, "is no generator"},
      {"unknown kind", set("kind", "gan"), "unknown kind 'gan'"},
      {"no image", [](Safetensors& f) { f.metadata.erase("image"); }, "no 'image'"},
      {"image of two", set("image", "4,3"), "its 'image' is '4,3'"},
      {"image too large", set("image", "1048576,1048576,3"), "its 'image' is"},
      {"image of zero", set("image", "0,3,1"), "its 'image' has the size '0'"},
      {"latent of minus one", set("latent", "-1"), "its 'latent' has the size '-1'"},
      {"latent of half", set("latent", "2.5"), "its 'latent' has the size '2.5'"},
      {"latent of nothing", set("latent", ""), "its 'latent' has the size ''"},
      {"widths with a gap", set("decoder", "6,,5"), "its 'decoder' has the size ''"},
      {"widths too large", set("decoder", "1000000,1000000"), "more than the 67108864"},
      {"a width beyond all", set("encoder", "99999999999"), "its 'encoder' has the size"},
      {"too many layers", set("decoder", "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1"), "more than 16"},
      {"another width", set("decoder", "6,4"),
       "its tensor 'decoder/dense2/kernel' is of another shape"},
      {"a layer more", set("decoder", "6,5,12"), "'decoder/dense4/kernel' is missing"},
      {"a layer less", set("encoder", ""), "is of another shape"},
      {"missing tensor", [&](Safetensors& f) { f.tensors.pop_back(); }, "is missing"},
      {"extra tensor",
       [](Safetensors& f) {
         f.tensors.push_back({"x", {1}, {0}});
       },
       "its tensor 'x' is not one of a vae"},
      {"turned tensor",
       [&](Safetensors& f) {
         tensor(f, "encoder/dense1/kernel").shape = {7, 12};
       },
       "its tensor 'encoder/dense1/kernel' is of another shape"},
  };
  const Safetensors whole = generator_file(random_generator(tiny_vae_sizes()), {});
  CHECK(refusal_of([&] { generator_of(whole, "g"); }) == "accepted");
  for (const Fault& fault : faults) {
    CAPTURE(fault.name);
    Safetensors file = whole;
    fault.damage(file);
    const std::string told = refusal_of([&] { generator_of(file, "g"); });
    INFO(told);
    CHECK(told.starts_with("g: "));
    CHECK(told.find('\n') == std::string::npos);
    CHECK(told.find(fault.words) != std::string::npos);
  }
  Safetensors advgan = generator_file(random_generator(tiny_advgan_sizes()), {});
  for (const char* epsilon : {"0", "-1", "2", "nan", "", "x"}) {
    advgan.metadata["epsilon"] = epsilon;
    CHECK(refusal_of([&] { generator_of(advgan, "g"); }).find("its 'epsilon' is") == 3);
  }
}
