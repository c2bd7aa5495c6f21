#include "binding/functions/function_table.hpp"

namespace rtm::binding {

bool FunctionTable::add(std::initializer_list<NamedFunction> functions) {
  for (const NamedFunction& each : functions) {
    napi_value made = nullptr;
    if (napi_create_function(env_, each.name, NAPI_AUTO_LENGTH, each.callback, &environment_, &made) != napi_ok ||
        napi_set_named_property(env_, object_, each.name, made) != napi_ok) {
      return false;
    }
  }
  return true;
}

bool addAllFunctions(FunctionTable& table) {
  return addProcessFunctions(table) && addServiceFunctions(table) && addMessageFunctions(table) &&
         addPresenceFunctions(table) && addRequestFunctions(table) && addHistoryFunctions(table) &&
         addMediaFunctions(table) && addChannelFunctions(table) && addInvitationFunctions(table) &&
         addServerFunctions(table) && addServerCommands(table);
}

}  // namespace rtm::binding
