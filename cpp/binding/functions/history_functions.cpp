// Functions that ask for messages of the past.

#include "binding/functions/request.hpp"
#include "client/extensions.hpp"

namespace rtm::binding {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

namespace {

/// Bits of the flags word; `lib/session/requests.ts` has the same.
constexpr std::uint32_t kDescending = 1;
constexpr std::uint32_t kCountOnly = 2;

/// (service, source, destination, start, end, offset, limit, flags)
napi_value queryHistory(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  client::HistoryQuery query;
  query.source = arguments.cString(1);
  query.destination = arguments.cString(2);
  query.startMs = static_cast<long long>(arguments.number(3));
  query.endMs = static_cast<long long>(arguments.number(4));
  query.offset = arguments.word(5);
  query.limit = arguments.word(6);
  const std::uint32_t flags = arguments.word(7);
  query.descending = (flags & kDescending) != 0;
  query.countOnly = (flags & kCountOnly) != 0;
  return request(arguments, handle, [&](IRtmService& service, long long& id) {
    return client::historyOf(service).queryHistory(query, id);
  });
}

}  // namespace

bool addHistoryFunctions(FunctionTable& table) {
  return table.add({function<queryHistory>("queryHistory")});
}

}  // namespace rtm::binding
