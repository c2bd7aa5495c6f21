#pragma once

#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "binding/arguments/arguments.hpp"
#include "binding/napi_setup.hpp"

namespace rtm::binding {

/// The options object of a call. lib/server has checked the properties, so a wrong one is a defect there: it throws a
/// TypeError in JavaScript, and properties read after it are empty.
class OptionsObject {
 public:
  OptionsObject(Arguments& arguments, Napi::Object object) : arguments_(arguments), object_(object) {}

  bool has(const char* name) const { return object_.Has(name); }

  std::string text(const char* name) const {
    const Napi::Value value = object_.Get(name);
    return check(value.IsString(), "text options") ? value.As<Napi::String>().Utf8Value() : std::string();
  }
  std::uint32_t word(const char* name) const {
    const Napi::Value value = object_.Get(name);
    return check(value.IsNumber(), "number options") ? value.As<Napi::Number>().Uint32Value() : 0;
  }
  /// A whole number up to 2^53.
  std::uint64_t number(const char* name) const {
    const Napi::Value value = object_.Get(name);
    return check(value.IsNumber(), "number options") ? static_cast<std::uint64_t>(value.As<Napi::Number>().Int64Value())
                                                     : 0;
  }
  bool flag(const char* name) const {
    const Napi::Value value = object_.Get(name);
    return check(value.IsBoolean(), "boolean options") && value.As<Napi::Boolean>().Value();
  }
  OptionsObject object(const char* name) const {
    const Napi::Value value = object_.Get(name);
    return {arguments_, check(value.IsObject(), "object options") ? value.As<Napi::Object>() : empty()};
  }
  std::vector<OptionsObject> objects(const char* name) const {
    std::vector<OptionsObject> list;
    each(name, [&](const Napi::Value& value) {
      list.emplace_back(arguments_, check(value.IsObject(), "lists of objects") ? value.As<Napi::Object>() : empty());
    });
    return list;
  }
  std::vector<std::string> texts(const char* name) const {
    std::vector<std::string> list;
    each(name, [&](const Napi::Value& value) {
      list.push_back(check(value.IsString(), "lists of strings") ? value.As<Napi::String>().Utf8Value() : "");
    });
    return list;
  }
  /// Sets a member from the property of that name, if there is one.
  void override(const char* name, std::uint16_t& member) const {
    if (has(name)) {
      member = static_cast<std::uint16_t>(word(name));
    }
  }
  void override(const char* name, bool& member) const {
    if (has(name)) {
      member = flag(name);
    }
  }
  /// The same for one of several words, by its place.
  template <typename Choice>
  requires std::is_enum_v<Choice>
  void override(const char* name, Choice& member) const {
    if (has(name)) {
      member = static_cast<Choice>(word(name));
    }
  }
  /// The same for 32 bits.
  void override(const char* name, std::uint32_t& member) const {
    if (has(name)) {
      member = word(name);
    }
  }
  /// The same for numbers up to 2^53.
  void override(const char* name, std::uint64_t& member) const {
    const Napi::Value value = object_.Get(name);
    if (has(name) && check(value.IsNumber(), "number options")) {
      member = static_cast<std::uint64_t>(value.As<Napi::Number>().Int64Value());
    }
  }

 private:
  Napi::Object empty() const { return Napi::Object::New(arguments_.env()); }
  bool check(bool fits, const char* expected) const {
    if (!fits) {
      arguments_.refuse(0, expected);
    }
    return fits;
  }
  template <typename Visit>
  void each(const char* name, Visit&& visit) const {
    const Napi::Value value = object_.Get(name);
    if (check(value.IsArray(), "array options")) {
      const auto array = value.As<Napi::Array>();
      for (std::uint32_t i = 0; i < array.Length(); ++i) {
        visit(Napi::Value(array.Get(i)));
      }
    }
  }

  Arguments& arguments_;
  Napi::Object object_;
};

}  // namespace rtm::binding
