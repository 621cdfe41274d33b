using System.Collections.Immutable;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Opal.Architecture.Tests;

/// <summary>Reads the IL of one core assembly and lists what the rules of the core forbid.</summary>
internal sealed class CoreIlScanner
{
    private static readonly string[] BannedNamespaces =
    [
        "System.IO", "System.Net", "System.Linq", "System.Reflection", "System.Threading", "System.Globalization",
        "System.Text", "System.Timers", "System.Dynamic", "System.Collections.Concurrent", "System.Collections.Immutable",
    ];

    private static readonly HashSet<string> BannedTypes =
    [
        "System.Random", "System.DateTime", "System.DateTimeOffset", "System.TimeProvider", "System.Environment", "System.Console",
        "System.HashCode", "System.Activator", "System.Type", "System.Delegate", "System.MulticastDelegate", "System.Decimal",
        "System.Numerics.BigInteger", "System.Diagnostics.Stopwatch", "System.AppContext", "System.Convert", "System.Guid",
    ];

    private static readonly HashSet<string> BannedMembers =
    [
        "System.Runtime.InteropServices.MemoryMarshal.Cast", "System.BitConverter.ToInt32", "System.BitConverter.ToUInt64",
        "System.BitConverter.GetBytes", "System.BitConverter.TryWriteBytes",
    ];

    private static readonly Dictionary<ushort, OpCode> OpCodesByValue = typeof(OpCodes).GetFields()
        .Select(f => (OpCode)f.GetValue(null)!).ToDictionary(o => unchecked((ushort)o.Value));

    private readonly MetadataReader _metadata;
    private readonly PEReader _pe;
    private readonly List<string> _findings = [];

    private CoreIlScanner(PEReader pe)
    {
        _pe = pe;
        _metadata = pe.GetMetadataReader();
    }

    /// <summary>One line a finding: "Type.Method: rule: detail". What <see cref="CoreExceptions"/> permits is left out.</summary>
    public static IReadOnlyList<string> Scan(string assemblyPath)
    {
        using var pe = new PEReader(File.OpenRead(assemblyPath));
        var scanner = new CoreIlScanner(pe);
        foreach (TypeDefinitionHandle handle in scanner._metadata.TypeDefinitions) scanner.ScanType(handle);
        return scanner._findings;
    }

    private void Report(string member, string rule, string detail)
    {
        if (!CoreExceptions.Permits(member, rule)) _findings.Add($"{member}: {rule}: {detail}");
    }

    private void ScanType(TypeDefinitionHandle handle)
    {
        TypeDefinition type = _metadata.GetTypeDefinition(handle);
        string name = _metadata.GetString(type.Name);
        foreach (InterfaceImplementationHandle implementation in type.GetInterfaceImplementations())
        {
            string implemented = FullNameOf(_metadata.GetInterfaceImplementation(implementation).Interface);
            if (implemented.EndsWith("IAsyncStateMachine", StringComparison.Ordinal)) Report(name, "async", "an async state machine");
            if (implemented.EndsWith("Collections.IEnumerator", StringComparison.Ordinal) && name.Contains(">d__", StringComparison.Ordinal))
            {
                Report(name, "iterator", "an iterator state machine");
            }
        }

        foreach (MethodDefinitionHandle method in type.GetMethods()) ScanMethod(name, _metadata.GetMethodDefinition(method));
    }

    private void ScanMethod(string typeName, MethodDefinition method)
    {
        if (method.RelativeVirtualAddress == 0) return;
        string member = $"{typeName}.{_metadata.GetString(method.Name)}";
        MethodBodyBlock body = _pe.GetMethodBody(method.RelativeVirtualAddress);
        foreach (ExceptionRegion region in body.ExceptionRegions)
        {
            if (region.Kind is ExceptionRegionKind.Catch or ExceptionRegionKind.Filter) Report(member, "catch", "an exception handler");
        }

        byte[] il = body.GetILBytes()!;
        var calls = new List<(string Rule, string Detail)>();
        bool throws = false;
        for (int at = 0; at < il.Length;)
        {
            ushort value = il[at++];
            if (value == 0xfe) value = (ushort)(0xfe00 | il[at++]);
            OpCode opcode = OpCodesByValue[value];
            string opcodeName = opcode.Name!;
            if (opcodeName.StartsWith("conv.r", StringComparison.Ordinal) || opcodeName is "ldc.r4" or "ldc.r8" or "ckfinite" ||
                opcodeName.EndsWith(".r4", StringComparison.Ordinal) || opcodeName.EndsWith(".r8", StringComparison.Ordinal))
            {
                Report(member, "float", opcodeName);
            }

            if (opcode == OpCodes.Throw) throws = true;
            if (opcode.OperandType == OperandType.InlineMethod && opcode != OpCodes.Ldftn)
            {
                EntityHandle target = MetadataTokens.EntityHandle(BitConverter.ToInt32(il, at));
                if (Judge(opcode, target) is { } finding) calls.Add(finding);
            }

            at += opcode.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(il, at)),
                _ => 4,
            };
        }

        foreach ((string rule, string detail) in calls)
        {
            if (rule == "text" && throws) continue; // the message of a bug's exception may be formatted
            Report(member, rule, detail);
        }
    }

    private (string Rule, string Detail)? Judge(OpCode opcode, EntityHandle target)
    {
        if (target.Kind == HandleKind.MethodSpecification)
        {
            target = _metadata.GetMethodSpecification((MethodSpecificationHandle)target).Method;
        }

        string owner, name;
        BlobHandle signature;
        if (target.Kind == HandleKind.MemberReference)
        {
            MemberReference reference = _metadata.GetMemberReference((MemberReferenceHandle)target);
            (owner, name, signature) = (FullNameOf(reference.Parent), _metadata.GetString(reference.Name), reference.Signature);
        }
        else
        {
            MethodDefinition definition = _metadata.GetMethodDefinition((MethodDefinitionHandle)target);
            (owner, name, signature) = (FullNameOf(definition.GetDeclaringType()), _metadata.GetString(definition.Name), definition.Signature);
        }

        if (opcode == OpCodes.Newobj && IsDelegateConstructor(signature)) return ("delegate", owner);
        string full = $"{owner}.{name}";
        if (owner == "System.String" && name is ".ctor" or "Concat" or "Format" or "Join" or "Substring" or "ToUpperInvariant" or "ToLowerInvariant" or "Replace" or "Split")
        {
            return ("text", full);
        }

        if (owner.EndsWith("DefaultInterpolatedStringHandler", StringComparison.Ordinal) || owner == "System.Text.StringBuilder") return ("text", full);
        if (BannedMembers.Contains(full)) return ("banned", full);
        if (BannedTypes.Contains(owner)) return ("banned", full);
        foreach (string space in BannedNamespaces)
        {
            if (owner.StartsWith(space + ".", StringComparison.Ordinal)) return ("banned", full);
        }

        return null;
    }

    /// <summary>Every delegate type, and nothing else, is made by a constructor of (object, native int).</summary>
    private bool IsDelegateConstructor(BlobHandle signature)
    {
        BlobReader blob = _metadata.GetBlobReader(signature);
        SignatureHeader header = blob.ReadSignatureHeader();
        if (header.IsGeneric || blob.ReadCompressedInteger() != 2) return false;
        return blob.ReadSignatureTypeCode() == SignatureTypeCode.Void && blob.ReadSignatureTypeCode() == SignatureTypeCode.Object &&
               blob.ReadSignatureTypeCode() == SignatureTypeCode.IntPtr;
    }

    private string FullNameOf(EntityHandle handle)
    {
        switch (handle.Kind)
        {
            case HandleKind.TypeReference:
                TypeReference reference = _metadata.GetTypeReference((TypeReferenceHandle)handle);
                string space = reference.ResolutionScope.Kind == HandleKind.TypeReference
                    ? FullNameOf(reference.ResolutionScope)
                    : _metadata.GetString(reference.Namespace);
                return $"{space}.{_metadata.GetString(reference.Name)}";
            case HandleKind.TypeDefinition:
                TypeDefinition definition = _metadata.GetTypeDefinition((TypeDefinitionHandle)handle);
                return $"{_metadata.GetString(definition.Namespace)}.{_metadata.GetString(definition.Name)}";
            case HandleKind.TypeSpecification:
                BlobReader blob = _metadata.GetBlobReader(_metadata.GetTypeSpecification((TypeSpecificationHandle)handle).Signature);
                SignatureTypeCode code = blob.ReadSignatureTypeCode();
                if (code == SignatureTypeCode.GenericTypeInstance) blob.ReadSignatureTypeCode();
                return code is SignatureTypeCode.GenericTypeInstance ? FullNameOf(blob.ReadTypeHandle()) : code.ToString();
            default:
                return handle.Kind.ToString();
        }
    }
}
