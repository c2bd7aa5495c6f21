// Reads the drop-in headers into the form of test/fixtures/api-surface.json, from Clang's syntax tree. A declaration of a
// kind that the surface does not have is an error: an entry that nobody sees is an entry that nobody checks.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { normalise, tokenise } from './api-text.mjs';
import { macrosOf, syntaxTree, written } from './clang-ast.mjs';

/** Programs that include another SDK as well define this; it hides what both SDKs declare. */
const hidingMacro = 'AGORA_SDK_BOTH_RTM_AND_RTC';
const flags = (folder) => ['-std=c++11', `-I${folder}`];
const namespace = 'agora::rtm';
/** Some versions of Clang write a type with its namespace where the source does not. */
const spelling = (text) => normalise(tokenise(text)).replaceAll(`${namespace}::`, '');

function unknown(node, where) {
  const line = node.loc?.line ?? node.loc?.expansionLoc?.line;
  return new Error(`${where}: a ${node.kind} "${node.name ?? ''}" that the check does not know, line ${line ?? '?'}`);
}

/** A constant as the source writes it. */
function constant(node) {
  if (node.kind === 'IntegerLiteral') return node.value;
  if (node.kind === 'CXXBoolLiteralExpr') return String(node.value);
  if (node.kind === 'CXXNullPtrLiteralExpr') return 'nullptr';
  if (node.kind === 'DeclRefExpr') return node.referencedDecl.name;
  const [inner, ...more] = node.inner ?? [];
  if (inner === undefined || more.length > 0) throw unknown(node, 'a constant');
  return node.kind === 'UnaryOperator' ? `${node.opcode}${constant(inner)}` : constant(inner);
}

const bodyOf = (node) => written(node).find((each) => each.kind === 'CompoundStmt');
/** A body that does nothing but name its parameters counts as empty. */
const isEmpty = (body) => written(body).every((each) => each.castKind === 'ToVoid');

function parameters(node) {
  const texts = written(node)
    .filter((each) => each.kind === 'ParmVarDecl')
    .map((each) => {
      const text = `${each.type.qualType} ${each.name ?? ''}`;
      return each.init === undefined ? text : `${text} = ${constant(each.inner[0])}`;
    });
  return texts.join(', ');
}

/** Result and qualifiers of a function type: `int (long) const` without what is in the brackets. */
function around(node) {
  const [, result, qualifiers] = /^(.*?)\(.*\)([^)]*)$/.exec(node.type.qualType) ?? [];
  if (result === undefined) throw unknown(node, node.type.qualType);
  return { result, qualifiers };
}

function methodText(node) {
  const { result, qualifiers } = around(node);
  const virtual = node.virtual ? 'virtual ' : '';
  const body = bodyOf(node);
  const end = node.pure ? ' = 0' : body === undefined ? '' : isEmpty(body) ? ' {}' : ' { ... }';
  return spelling(`${virtual}${result} ${node.name}(${parameters(node)})${qualifiers}${end}`);
}

function functionText(node, isC) {
  const exported = written(node).some((each) => each.kind === 'VisibilityAttr');
  const linkage = isC && exported ? 'AGORA_API ' : isC ? 'extern "C" ' : '';
  return spelling(`${linkage}${around(node).result} AGORA_CALL ${node.name}(${parameters(node)})`);
}

/** The value that Clang has found for an expression. */
function evaluated(node) {
  if (node.kind === 'ConstantExpr') return Number(node.value);
  const [inner, ...more] = written(node);
  if (inner === undefined || more.length > 0) throw unknown(node, 'the value of an enumerator');
  return evaluated(inner);
}

function readEnum(node) {
  const members = {};
  let following = 0;
  for (const each of written(node)) {
    if (each.kind !== 'EnumConstantDecl') throw unknown(each, node.name);
    const [value] = written(each);
    members[each.name] = value === undefined ? following : evaluated(value);
    following = members[each.name] + 1;
  }
  return { name: node.name, members };
}

/** The members of a class or struct with their access. */
function* accessed(node) {
  let access = node.tagUsed === 'class' ? 'private' : 'public';
  for (const each of written(node)) {
    if (each.kind === 'AccessSpecDecl') access = each.access;
    else yield { access, member: each };
  }
}

function readClass(node) {
  const result = { name: node.name };
  const [base, ...more] = node.bases ?? [];
  if (more.length > 0) throw unknown(node, 'more than one base');
  if (base !== undefined)
    result.base = `${base.isVirtual ? 'virtual ' : ''}${base.access} ${spelling(base.type.qualType)}`;
  result.destructor = 'implicit';
  result.methods = [];
  for (const { access, member } of accessed(node)) {
    if (member.kind === 'CXXDestructorDecl') {
      // The destructor's two slots stand where it is declared: first.
      const place = result.methods.length === 0 ? '' : ', not first';
      const body = bodyOf(member);
      const doing = member.pure ? ' = 0' : body === undefined || isEmpty(body) ? '' : ' { ... }';
      result.destructor = `${access}${member.virtual ? ' virtual' : ''}${doing}${place}`;
    } else if (member.kind === 'CXXMethodDecl') {
      result.methods.push(`${access === 'public' ? '' : `${access}: `}${methodText(member)}`);
    } else {
      throw unknown(member, node.name);
    }
  }
  return result;
}

function readStruct(node) {
  const result = { name: node.name, defaultConstructor: false, members: [] };
  const initial = {};
  const fields = [];
  for (const { access, member } of accessed(node)) {
    if (member.kind === 'CXXConstructorDecl') {
      const body = bodyOf(member);
      result.defaultConstructor ||= parameters(member) === '' && body !== undefined && isEmpty(body);
      for (const each of written(member).filter(({ kind }) => kind === 'CXXCtorInitializer')) {
        initial[each.anyInit.name] = constant(each.inner[0]);
      }
    } else if (member.kind === 'FieldDecl' && access === 'public') {
      fields.push(member);
      const [value] = written(member);
      if (value !== undefined) initial[member.name] = constant(value);
    } else {
      throw unknown(member, node.name);
    }
  }
  result.members = fields.map(({ name, type }) =>
    spelling(`${type.qualType} ${name}${name in initial ? ` = ${initial[name]}` : ''}`),
  );
  return result;
}

/** What a source declares in the namespace; anything of its own outside of it is an error. */
function declarationsIn(source, args, besides) {
  const nameOf = (node) => `${node.kind} ${node.name}`;
  const known = new Set(written(syntaxTree(besides, args)[0]).map(nameOf));
  let level = written(syntaxTree(source, args)[0]).filter((node) => !known.has(nameOf(node)));
  for (const name of namespace.split('::')) {
    const stranger = level.find((node) => node.kind !== 'NamespaceDecl' || node.name !== name);
    if (stranger !== undefined) throw unknown(stranger, `outside of ${namespace}`);
    level = level.flatMap(written);
  }
  return level;
}

/** One header. `seen` has the names of the headers before it, which it may include. */
function readHeader(file, folder, seen) {
  const source = `#include "${file}"\n`;
  const standard = '#include <cstdint>\n';
  const nodes = declarationsIn(source, flags(folder), standard);
  const left = new Set(declarationsIn(source, [...flags(folder), `-D${hidingMacro}`], standard).map(nameIn));
  const macros = macrosOf(source, flags(folder), standard);
  const result = { macros: {}, enums: [], structs: [], classes: [], functions: [] };
  for (const [name, value] of Object.entries(macros)) {
    if (!seen.has(name)) result.macros[name] = spelling(value);
    seen.add(name);
  }
  for (const node of nodes) {
    const name = nameIn(node);
    const isForward = node.kind === 'CXXRecordDecl' && !node.completeDefinition;
    if (isForward || seen.has(name)) continue;
    seen.add(name);
    if (node.kind === 'EnumDecl') {
      const { members } = readEnum(node);
      result.enums.push({ name, ...(left.has(name) ? {} : { hiddenBy: hidingMacro }), members });
    } else if (node.kind === 'CXXRecordDecl') {
      if (node.tagUsed === 'class') result.classes.push(readClass(node));
      else result.structs.push(readStruct(node));
    } else if (node.kind === 'LinkageSpecDecl' && written(node).length === 1) {
      result.functions.push(functionText(written(node)[0], node.language === 'C'));
    } else if (node.kind === 'FunctionDecl') {
      result.functions.push(functionText(node, false));
    } else {
      throw unknown(node, file);
    }
  }
  return result;
}

/** The name of a declaration; a linkage specification has that of its function. */
function nameIn(node) {
  return node.kind === 'LinkageSpecDecl' ? `${written(node)[0]?.name}()` : node.name;
}

/**
 * The headers of a folder in the form of test/fixtures/api-surface.json: file name → header.
 * @param {string[]} files in an order in which each one comes after those that it includes
 */
export function readHeaders(folder, files) {
  const others = readdirSync(folder).filter((name) => !files.includes(name));
  if (others.length > 0) throw new Error(`${join(folder, others[0])}: not in the surface`);
  const seen = new Set();
  return Object.fromEntries(files.map((file) => [file, readHeader(file, folder, seen)]));
}
