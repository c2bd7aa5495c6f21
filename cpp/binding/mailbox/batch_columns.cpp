#include "binding/mailbox/batch_columns.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace rtm::binding {
namespace {

constexpr std::size_t kFirstWords = 4096;
constexpr std::size_t kFirstNumbers = 1024;

/// Memory of the Float64Array `name` of `columns`. Null: there is none, or it has less than `least` numbers.
double* numbersOf(napi_env env, napi_value columns, const char* name, std::size_t least) {
  napi_value array = nullptr;
  napi_typedarray_type type = napi_int8_array;
  std::size_t length = 0;
  void* data = nullptr;
  const bool found = napi_get_named_property(env, columns, name, &array) == napi_ok &&
                     napi_get_typedarray_info(env, array, &type, &length, &data, nullptr, nullptr) == napi_ok &&
                     type == napi_float64_array && length >= least;
  return found ? static_cast<double*>(data) : nullptr;
}

napi_value arrayBufferOf(napi_env env, const Bytes& bytes) {
  napi_value buffer = nullptr;
  void* data = nullptr;
  if (napi_create_arraybuffer(env, bytes.size(), &data, &buffer) != napi_ok) {
    return nullptr;
  }
  if (!bytes.empty()) {
    std::memcpy(data, bytes.data(), bytes.size());
  }
  return buffer;
}

}  // namespace

bool BatchColumns::attach(napi_value columns) {
  if (napi_create_reference(env_, columns, 1, &columns_) != napi_ok || !grow(kFirstWords, kFirstNumbers)) {
    return false;
  }
  out_ = numbersOf(env_, columns, "out", 1);
  arguments_ = numbersOf(env_, columns, "arguments", kArguments);
  return out_ != nullptr && arguments_ != nullptr;
}

napi_value BatchColumns::show(std::unique_ptr<Chunk> batch) {
  batch_ = std::move(batch);
  if (!grow(kHeaderWords + batch_->words.size(), batch_->numbers.size())) {
    return nullptr;
  }
  words_.data[0] = batch_->events;
  words_.data[1] = static_cast<std::uint32_t>(batch_->words.size());
  words_.data[2] = static_cast<std::uint32_t>(batch_->bytes.size());
  words_.data[3] = static_cast<std::uint32_t>(batch_->own.size());
  std::copy(batch_->words.begin(), batch_->words.end(), words_.data + kHeaderWords);
  std::copy(batch_->numbers.begin(), batch_->numbers.end(), numbers_.data);
  const std::string& slab = batch_->text;
  napi_value text = nullptr;
  if (batch_->ascii) {
    napi_create_string_latin1(env_, slab.data(), slab.size(), &text);
  } else {
    napi_create_string_utf8(env_, slab.data(), slab.size(), &text);
  }
  return text;
}

napi_value BatchColumns::takeBytes() const {
  return batch_ ? arrayBufferOf(env_, batch_->bytes) : nullptr;
}

napi_value BatchColumns::takeOwnBuffer(std::uint32_t index) const {
  return batch_ && index < batch_->own.size() ? arrayBufferOf(env_, batch_->own[index]) : nullptr;
}

bool BatchColumns::grow(std::size_t words, std::size_t numbers) {
  return (words <= words_.capacity ||
          replace(words_, std::max(words, 2 * words_.capacity), napi_uint32_array, "words")) &&
         (numbers <= numbers_.capacity ||
          replace(numbers_, std::max(numbers, 2 * numbers_.capacity), napi_float64_array, "numbers"));
}

template <typename T>
bool BatchColumns::replace(Column<T>& column, std::size_t capacity, napi_typedarray_type type, const char* name) {
  napi_value columns = nullptr;
  napi_value buffer = nullptr;
  napi_value array = nullptr;
  void* data = nullptr;
  if (napi_get_reference_value(env_, columns_, &columns) != napi_ok ||
      napi_create_arraybuffer(env_, capacity * sizeof(T), &data, &buffer) != napi_ok ||
      napi_create_typedarray(env_, type, capacity, buffer, 0, &array) != napi_ok ||
      napi_set_named_property(env_, columns, name, array) != napi_ok) {
    return false;
  }
  // V8 keeps the memory in place while the object holds the array, and no other code gets the buffer to detach it.
  column.data = static_cast<T*>(data);
  column.capacity = capacity;
  return true;
}

}  // namespace rtm::binding
