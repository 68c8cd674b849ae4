/** Which types the exported declarations of a package name, read from its sources with the TypeScript compiler. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import ts from "typescript";

/** Reads a source file; `undefined` if it does not exist. */
export type ReadSource = (path: string) => string | undefined;

const readFromDisk: ReadSource = (path) => (existsSync(path) ? readFileSync(path, "utf8") : undefined);

/**
 * Problems of the exported declarations of `entry`: types of the package that they name and `entry` does not export,
 * and public members without a type annotation, whose type cannot be seen in the source. Packages and the standard
 * library are not loaded, so their types are ignored.
 */
export function findUnexportedTypes(entry: string, read: ReadSource = readFromDisk): string[] {
  const program = createProgram(entry, read);
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(entry) as ts.SourceFile);
  if (!module) throw new Error(`${entry} exports nothing`);
  const resolve = (symbol: ts.Symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const exported = new Set(checker.getExportsOfModule(module).map(resolve));
  const root = dirname(entry);
  const problems = new Set<string>();

  for (const symbol of exported) {
    for (const declaration of symbol.declarations ?? []) {
      const owner = `${relative(root, declaration.getSourceFile().fileName)}: ${symbol.name}`;
      for (const node of publicParts(declaration)) {
        if (typeof node === "string") problems.add(`${owner}${node} has no type annotation`);
        else visitNames(node, (name) => checkName(name, owner));
      }
    }
  }
  return [...problems].sort();

  function checkName(name: ts.EntityName | ts.Expression, owner: string): void {
    const found = checker.getSymbolAtLocation(name);
    if (!found) return;
    const target = resolve(found);
    const isParameter = (target.flags & ts.SymbolFlags.TypeParameter) !== 0;
    const isOurs = target.declarations?.some((each) => each.getSourceFile().fileName.startsWith(`${root}/`));
    if (isOurs && !isParameter && !exported.has(target)) problems.add(`${owner} names ${target.name}`);
  }
}

function createProgram(entry: string, read: ReadSource): ts.Program {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    noEmit: true,
    noLib: true,
    types: [],
  };
  const host: ts.CompilerHost = {
    ...ts.createCompilerHost(options),
    fileExists: (path) => read(path) !== undefined,
    readFile: read,
    getSourceFile: (path, languageVersion) => {
      const text = read(path);
      return text === undefined ? undefined : ts.createSourceFile(path, text, languageVersion, true);
    },
    resolveModuleNameLiterals: (literals, importer) =>
      literals.map(({ text }) => ({
        resolvedModule: text.startsWith(".")
          ? { resolvedFileName: join(dirname(importer), text), extension: ts.Extension.Ts }
          : undefined,
      })),
  };
  return ts.createProgram([entry], options, host);
}

/** The type nodes of a declaration that its users see, and the names of public members without one. */
function publicParts(declaration: ts.Declaration): (ts.Node | string)[] {
  if (ts.isTypeAliasDeclaration(declaration))
    return [...(declaration.typeParameters ?? []), declaration.type];
  if (ts.isVariableDeclaration(declaration)) return [declaration.type ?? ""];
  if (ts.isFunctionDeclaration(declaration)) return signatureParts(declaration, "()");
  if (!ts.isClassDeclaration(declaration) && !ts.isInterfaceDeclaration(declaration)) return [];
  return [
    ...(declaration.typeParameters ?? []),
    ...(declaration.heritageClauses ?? []).flatMap((clause) => [...clause.types]),
    ...[...declaration.members].filter(isPublic).flatMap(memberParts),
  ];
}

function isPublic(member: ts.ClassElement | ts.TypeElement): boolean {
  if (member.name && ts.isPrivateIdentifier(member.name)) return false;
  const modifiers = ts.canHaveModifiers(member) ? (ts.getModifiers(member) ?? []) : [];
  return !modifiers.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword);
}

function memberParts(member: ts.ClassElement | ts.TypeElement): (ts.Node | string)[] {
  const name = `.${member.name?.getText() ?? ""}`;
  if (ts.isPropertyDeclaration(member) || ts.isPropertySignature(member)) return [member.type ?? name];
  if (ts.isConstructorDeclaration(member)) return parameterParts(member, ".constructor");
  if (ts.isSetAccessorDeclaration(member)) return parameterParts(member, name);
  if (ts.isFunctionLike(member)) return signatureParts(member, name);
  return [member];
}

function signatureParts(signature: ts.SignatureDeclaration, name: string): (ts.Node | string)[] {
  return [...parameterParts(signature, name), signature.type ?? name];
}

function parameterParts(signature: ts.SignatureDeclaration, name: string): (ts.Node | string)[] {
  return [
    ...(signature.typeParameters ?? []),
    ...signature.parameters.map((parameter) => parameter.type ?? `${name}(${parameter.name.getText()})`),
  ];
}

/** Visits every name of a type inside a type node. */
function visitNames(node: ts.Node, visit: (name: ts.EntityName | ts.Expression) => void): void {
  if (ts.isTypeReferenceNode(node)) visit(node.typeName);
  if (ts.isExpressionWithTypeArguments(node)) visit(node.expression);
  if (ts.isTypeQueryNode(node)) visit(node.exprName);
  ts.forEachChild(node, (child) => visitNames(child, visit));
}
