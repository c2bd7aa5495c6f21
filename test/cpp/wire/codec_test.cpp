#include "wire/codec.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "wire/message_tools.hpp"

namespace rtm::wire {
namespace {

using testing::encoded;
using testing::Filler;
using testing::forEachMessage;
using testing::same;
using testing::typeName;

/// Decodes from memory of exactly this size too, so that the address sanitizer sees every byte read too many. `message`
/// looks into `bytes` afterwards.
template <MessageType M>
bool decodes(const Bytes& bytes, M& message) {
  const auto exact = std::make_unique<std::uint8_t[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), exact.get());
  M probe = message;
  const bool valid = decode(ByteView(exact.get(), bytes.size()), probe);
  EXPECT_EQ(decode(ByteView(bytes), message), valid);
  return valid;
}

template <MessageType M>
bool decodes(const Bytes& bytes) {
  M message;
  return decodes(bytes, message);
}

Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Bytes bytesOf(std::string_view text) {
  return {text.begin(), text.end()};
}

Bytes varint(std::uint64_t value) {
  Bytes out(varintSize(value));
  writeVarint(out.data(), value);
  return out;
}

/// One field of any wire type with a valid body, known to the message or not.
Bytes rawField(std::uint32_t number, std::uint32_t type) {
  const Bytes tag = varint(number << 3 | type);
  switch (type) {
    case 0:
      return tag + Bytes{0x96, 0x01};
    case 1:
      return tag + Bytes{1, 2, 3, 4, 5, 6, 7, 8};
    case 2:
      return tag + Bytes{3, 'a', 'b', 'c'};
    default:
      return tag + Bytes{1, 2, 3, 4};
  }
}

Bytes lengthField(std::uint32_t number, const Bytes& body) {
  return varint(number << 3 | 2) + varint(body.size()) + body;
}

Bytes repeat(const Bytes& piece, std::size_t count) {
  Bytes out;
  out.reserve(piece.size() * count);
  for (; count > 0; --count) out.insert(out.end(), piece.begin(), piece.end());
  return out;
}

// ---- encoding ---------------------------------------------------------------------------------------------

TEST(Encode, WritesTheBytesOfTheProtobufSpecification) {
  EXPECT_EQ(encoded(Hello{1, 5, "1.5"}), (Bytes{0x08, 0x01, 0x10, 0x05, 0x1a, 0x03, '1', '.', '5'}));
  EXPECT_EQ(encoded(Ping{300}), (Bytes{0x08, 0xac, 0x02}));

  PeerMessage message;
  message.offset = 1;
  message.serverTimeMs = 0x0102030405060708;
  message.content = asBytes("hi");
  EXPECT_EQ(encoded(message),
            (Bytes{0x08, 0x01, 0x19, 0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01, 0x2a, 0x02, 'h', 'i'}));
}

TEST(Encode, PacksNumbersAndRepeatsTextAndMessages) {
  EXPECT_EQ(encoded(SendResults{{1, 300, 0}}), (Bytes{0x0a, 0x04, 0x01, 0xac, 0x02, 0x00}));
  EXPECT_EQ(encoded(Bye{ByeCode{}, "", 0, {"a", ""}}), (Bytes{0x22, 0x01, 'a', 0x22, 0x00}));

  LoginResult result;
  result.limits.emplace().rates = {{1, 2, 3}, {}};
  EXPECT_EQ(encoded(result), (Bytes{0x4a, 0x0a, 0x1a, 0x06, 0x08, 0x01, 0x10, 0x02, 0x18, 0x03, 0x1a, 0x00}));
}

TEST(Encode, LeavesDefaultsOutButKeepsAnEmptyMessageThatIsThere) {
  Content content;
  EXPECT_TRUE(encoded(content).empty());
  content.media.emplace();
  EXPECT_EQ(encoded(content), (Bytes{0x2a, 0x00}));
}

TEST(Encode, FieldsOverFifteenNeedTwoBytesOfTag) {
  struct Far {
    std::uint32_t far = 7;
    static constexpr auto fields() { return std::make_tuple(field(16, &Far::far)); }
  };
  EXPECT_EQ(encoded(Far{}), (Bytes{0x80, 0x01, 0x07}));
}

TEST(Encode, AnEmptyMessageIsNoBytesAndBack) {
  forEachMessage([](auto message) {
    SCOPED_TRACE(typeName<decltype(message)>());
    EXPECT_TRUE(encoded(message).empty());
    decltype(message) back;
    EXPECT_TRUE(decode(ByteView(), back));
    EXPECT_TRUE(same(back, message));
  });
}

// ---- decoding ------------------------------------------------------------------------------------------------

TEST(EveryMessage, ComesBackUnchanged) {
  Filler filler(1);
  forEachMessage([&](auto message) {
    SCOPED_TRACE(typeName<decltype(message)>());
    for (int round = 0; round < 200; ++round) {
      filler.fill(message);
      const Bytes bytes = encoded(message);
      decltype(message) back;
      ASSERT_TRUE(decode(ByteView(bytes), back));
      ASSERT_TRUE(same(back, message));
      ASSERT_EQ(encoded(back), bytes);
    }
  });
}

TEST(EveryMessage, SkipsUnknownFieldsOfEveryTypeInEveryPlace) {
  Filler filler(2);
  forEachMessage([&](auto message) {
    using Message = decltype(message);
    SCOPED_TRACE(typeName<Message>());
    for (const std::uint32_t number : {15u, 2047u, 0x1fffffffu}) {
      for (const std::uint32_t type : {0u, 1u, 2u, 5u}) {
        filler.fill(message);
        const Bytes known = encoded(message);
        const Bytes unknown = rawField(number, type);
        const Bytes bytes = unknown + known + unknown;
        Message back;
        ASSERT_TRUE(decodes(bytes, back)) << number << " type " << type;
        ASSERT_EQ(encoded(back), known);
      }
    }
  });
}

template <typename T>
bool takes(std::uint32_t type) {
  if constexpr (detail::IsVector<T>::value) {
    return type == 2 || (detail::kIsScalar<typename T::value_type> && type == 0);
  } else if constexpr (detail::kIsScalar<T>) {
    return type == 0;
  } else if constexpr (std::is_same_v<T, Fixed64>) {
    return type == 1;
  } else {
    return type == 2;
  }
}

TEST(EveryMessage, SkipsFieldsOfTheWrongWireType) {
  forEachMessage([](auto empty) {
    using Message = decltype(empty);
    SCOPED_TRACE(typeName<Message>());
    std::apply(
        [&](const auto&... f) {
          const auto check = [&](const auto& one) {
            for (const std::uint32_t type : {0u, 1u, 2u, 5u}) {
              if (takes<std::remove_cvref_t<decltype(empty.*(one.member))>>(type)) continue;
              Message back;
              EXPECT_TRUE(decodes(rawField(one.number, type), back)) << one.number << " type " << type;
              EXPECT_TRUE(same(back, empty)) << one.number << " type " << type;
            }
          };
          (check(f), ...);
        },
        Message::fields());
  });
}

TEST(EveryMessage, NoCutReadsPastItsEnd) {
  Filler filler(3);
  forEachMessage([&](auto message) {
    SCOPED_TRACE(typeName<decltype(message)>());
    filler.fill(message);
    const Bytes bytes = encoded(message);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      decltype(message) back;
      const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
      // A cut between two fields is a valid message; then it is a canonical one too.
      if (decodes(cut, back)) {
        ASSERT_EQ(encoded(back), cut);
      }
    }
  });
}

TEST(Decode, KeepsFieldsThatTheBytesDoNotHave) {
  Hello hello{1, 2, "old"};
  ASSERT_TRUE(decodes({0x10, 0x07}, hello));
  EXPECT_EQ(hello.version, 1u);
  EXPECT_EQ(hello.capabilities, 7u);
  EXPECT_EQ(hello.sdkVersion, "old");
}

TEST(Decode, TheLastOfTwoWins) {
  Hello hello;
  const Bytes twice = {0x08, 0x01, 0x1a, 0x01, 'a', 0x08, 0x02, 0x1a, 0x01, 'b'};
  ASSERT_TRUE(decode(ByteView(twice), hello));
  EXPECT_EQ(hello.version, 2u);
  EXPECT_EQ(hello.sdkVersion, "b");

  const Bytes cleared = twice + Bytes{0x08, 0x00, 0x1a, 0x00};
  ASSERT_TRUE(decode(ByteView(cleared), hello));
  EXPECT_EQ(hello.version, 0u);
  EXPECT_EQ(hello.sdkVersion, "");
}

TEST(Decode, AMessageGivenTwiceIsMerged) {
  const Bytes first = lengthField(9, Bytes{0x08, 0x01, 0x10, 0x02} + lengthField(3, {0x08, 0x01}));
  const Bytes second = lengthField(9, Bytes{0x10, 0x03, 0x20, 0x04} + lengthField(3, {0x08, 0x02}));
  LoginResult result;
  ASSERT_TRUE(decodes(first + second, result));
  ASSERT_TRUE(result.limits);
  EXPECT_EQ(result.limits->messageBytes, 1u);
  EXPECT_EQ(result.limits->joinedChannels, 3u);
  EXPECT_EQ(result.limits->subscribedPeers, 4u);
  ASSERT_EQ(result.limits->rates.size(), 2u);
  EXPECT_EQ(result.limits->rates[0].group, 1u);
  EXPECT_EQ(result.limits->rates[1].group, 2u);
}

TEST(Decode, NumbersComePackedUnpackedOrMixed) {
  const std::vector<std::uint64_t> wanted = {1, 300, 0, 5};
  const Bytes inputs[] = {
      {0x0a, 0x05, 0x01, 0xac, 0x02, 0x00, 0x05},
      {0x08, 0x01, 0x08, 0xac, 0x02, 0x08, 0x00, 0x08, 0x05},
      {0x0a, 0x01, 0x01, 0x08, 0xac, 0x02, 0x0a, 0x02, 0x00, 0x05},
      {0x0a, 0x00, 0x0a, 0x05, 0x01, 0xac, 0x02, 0x00, 0x05, 0x0a, 0x00},
  };
  for (const Bytes& input : inputs) {
    SendResults results;
    ASSERT_TRUE(decodes(input, results));
    EXPECT_EQ(results.ranges, wanted);
    EXPECT_EQ(encoded(results), inputs[0]);
  }
}

TEST(Decode, NumbersTooWideForTheirFieldKeepTheirLowBitsAsProtobufSays) {
  Result result;
  ASSERT_TRUE(decodes({0x08, 0x81, 0x80, 0x80, 0x80, 0x10}, result));  // 2^32 + 1
  EXPECT_EQ(result.requestId, 1u);

  ResumeResult resumed;
  ASSERT_TRUE(decodes({0x18, 0x80, 0x80, 0x80, 0x80, 0x10}, resumed));  // 2^32: no zero
  EXPECT_TRUE(resumed.resumed);
}

TEST(Decode, EnumsKeepUnknownAndNegativeValues) {
  Bye bye;
  ASSERT_TRUE(decodes({0x08, 0x63}, bye));
  EXPECT_EQ(static_cast<std::uint32_t>(bye.code), 99u);

  const Bytes minusOne = {0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01};
  ASSERT_TRUE(decodes(minusOne, bye));
  EXPECT_EQ(static_cast<std::int32_t>(bye.code), -1);
  EXPECT_EQ(encoded(bye), minusOne);
}

TEST(Decode, TextAndBytesAreViewsIntoTheBuffer) {
  const Bytes bytes = encoded(RenewToken{1, "token"});
  RenewToken message;
  ASSERT_TRUE(decode(ByteView(bytes), message));
  EXPECT_EQ(static_cast<const void*>(message.token.data()), bytes.data() + bytes.size() - 5);
}

// ---- refusals ---------------------------------------------------------------------------------------------

TEST(Decode, RefusesBytesThatAreNoProtobuf) {
  const struct {
    const char* what;
    Bytes bytes;
  } kCases[] = {
      {"a tag that is cut", {0x80}},
      {"a tag without a value", {0x08}},
      {"a varint that is cut", {0x08, 0x80}},
      {"a varint of 11 bytes", {0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00}},
      {"a varint of 65 bits", {0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02}},
      {"an unknown varint of 11 bytes", {0x78, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00}},
      {"a length beyond the end", {0x1a, 0x02, 'a'}},
      {"a length without a body", {0x1a, 0x01}},
      {"a length that is cut", {0x1a, 0x80}},
      {"a length of 2^32 - 1", {0x1a, 0xff, 0xff, 0xff, 0xff, 0x0f, 'a'}},
      {"a length of 2^64 - 1", {0x1a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 'a'}},
      {"a length of 0 in six bytes", {0x1a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00}},
      {"an unknown length beyond the end", {0x7a, 0x02, 'a'}},
      {"a fixed64 that is cut", {0x79, 1, 2, 3, 4, 5, 6, 7}},
      {"a fixed32 that is cut", {0x7d, 1, 2, 3}},
      {"a group", {0x7b, 0x7c}},
      {"a group in place of a field", {0x0b, 0x0c}},
      {"the end of a group", {0x7c}},
      {"wire type 6", {0x0e, 0x00}},
      {"wire type 7", {0x0f, 0x00}},
      {"field 0", {0x00, 0x00}},
      {"field 0 with a length", {0x02, 0x00}},
      {"field 2^29", {0x80, 0x80, 0x80, 0x80, 0x10, 0x00}},
      {"a tag of six bytes", {0x88, 0x80, 0x80, 0x80, 0x80, 0x00, 0x01}},
  };
  for (const auto& c : kCases) {
    EXPECT_FALSE(decodes<Hello>(c.bytes)) << c.what;
    EXPECT_FALSE(decodes<Hello>(Bytes{0x08, 0x01} + c.bytes)) << c.what << ", after a good field";
    EXPECT_FALSE(decodes<LoginResult>(lengthField(9, c.bytes))) << c.what << ", inside a message";
  }
}

TEST(Decode, RefusesAPackedListThatEndsInsideANumber) {
  EXPECT_FALSE(decodes<SendResults>({0x0a, 0x02, 0x01, 0x80}));
  EXPECT_FALSE(decodes<SendResults>({0x0a, 0x01, 0x80, 0x01}));  // the rest lies outside of the list
}

TEST(Decode, RefusesTextThatIsNotUtf8WhereverItStands) {
  const std::string_view kInvalid[] = {"\x80",    "\xff", "a\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                       "\xe2\x82"};
  for (const std::string_view text : kInvalid) {
    const Bytes bad = bytesOf(text);
    EXPECT_FALSE(decodes<Hello>(lengthField(3, bad)));
    EXPECT_FALSE(decodes<Hello>(lengthField(3, bad) + lengthField(3, {})));  // even if a later one would win
    EXPECT_FALSE(decodes<Members>(lengthField(3, {'a'}) + lengthField(3, bad)));
    EXPECT_FALSE(decodes<Content>(lengthField(5, lengthField(3, bad))));
    EXPECT_FALSE(decodes<ChannelAttributes>(lengthField(3, lengthField(2, bad))));
    EXPECT_TRUE(decodes<Content>(lengthField(4, bad)));  // bytes
    EXPECT_TRUE(decodes<Hello>(lengthField(15, bad)));   // unknown: may be bytes
  }
}

TEST(Decode, RefusesMoreElementsThanAnyListMayHave) {
  EXPECT_TRUE(decodes<Members>(repeat({0x1a, 0x00}, kMaxRepeated)));
  EXPECT_FALSE(decodes<Members>(repeat({0x1a, 0x00}, kMaxRepeated + 1)));
  EXPECT_TRUE(decodes<Resume>(repeat({0x42, 0x00}, kMaxRepeated)));
  EXPECT_FALSE(decodes<Resume>(repeat({0x42, 0x00}, kMaxRepeated + 1)));
  // 32 Ki empty entries are what one frame has room for.
  EXPECT_FALSE(decodes<UserAttributes>(repeat({0x1a, 0x00}, kMaxFrameBody / 2)));
}

TEST(Decode, CountsAListOverAllItsParts) {
  const Bytes one = lengthField(9, lengthField(3, {}));  // LoginResult.limits.rates
  EXPECT_TRUE(decodes<LoginResult>(repeat(one, kMaxRepeated)));
  EXPECT_FALSE(decodes<LoginResult>(repeat(one, kMaxRepeated + 1)));
  EXPECT_TRUE(
      decodes<LoginResult>(repeat({0x4a, 0x00}, kMaxFrameBody / 2)));  // the same message, merged again and again
}

TEST(Decode, BoundsListsOfNumbersInEveryEncoding) {
  const Bytes full = lengthField(1, Bytes(kMaxRepeatedScalars, 1));
  SendResults results;
  ASSERT_TRUE(decodes(full, results));
  EXPECT_EQ(results.ranges.size(), kMaxRepeatedScalars);
  EXPECT_FALSE(decodes<SendResults>(lengthField(1, Bytes(kMaxRepeatedScalars + 1, 1))));
  EXPECT_FALSE(decodes<SendResults>(full + Bytes{0x08, 0x01}));
  EXPECT_FALSE(decodes<SendResults>(full + Bytes{0x0a, 0x01, 0x01}));
  EXPECT_TRUE(decodes<SendResults>(full + Bytes{0x0a, 0x00}));
  EXPECT_TRUE(decodes<SendResults>(repeat({0x08, 0x01}, kMaxRepeatedScalars)));
  EXPECT_FALSE(decodes<SendResults>(repeat({0x08, 0x01}, kMaxRepeatedScalars + 1)));
  EXPECT_TRUE(decodes<SendResults>(repeat({0x0a, 0x01, 0x01}, kMaxRepeatedScalars)));
  EXPECT_FALSE(decodes<SendResults>(repeat({0x0a, 0x01, 0x01}, kMaxRepeatedScalars + 1)));
}

TEST(Decode, AllocatesNoMoreForNumbersThanTheyNeed) {
  SendResults results;
  ASSERT_TRUE(decodes(lengthField(1, repeat(varint(~0ULL), 100)), results));
  EXPECT_EQ(results.ranges.size(), 100u);
  EXPECT_EQ(results.ranges.capacity(), 100u);
}

}  // namespace
}  // namespace rtm::wire
