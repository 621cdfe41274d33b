using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Opal.Storage;

/// <summary>The calls into liblmdb (lmdb.h, 0.9). All arguments are blittable; strings are NUL-terminated UTF-8.</summary>
internal static unsafe partial class LmdbNative
{
    private const string Library = "opal:lmdb";

    public const uint ReadOnly = 0x20000, NoSync = 0x10000, NoTls = 0x200000, NoReadAhead = 0x800000; // of environments and transactions
    public const uint Create = 0x40000; // of tables
    public const uint Append = 0x20000; // of writes
    public const int OpFirst = 0, OpLast = 6, OpNext = 8, OpPrevious = 12, OpSetRange = 17; // of cursors

    public const int KeyExists = -30799, NotFound = -30798, PageNotFound = -30797, Corrupted = -30796, Panic = -30795, VersionMismatch = -30794,
        Invalid = -30793, MapFull = -30792, ReadersFull = -30790, TransactionFull = -30788;

    /// <summary>Numbers of Linux.</summary>
    public const int IoError = 5, NoMemory = 12, NoAccess = 13, Busy = 16, FileTooBig = 27, NoSpace = 28, ReadOnlyFileSystem = 30, QuotaExceeded = 122;

    /// <summary>EINVAL: what a read gives for a table that was made after its snapshot began.</summary>
    public const int UnknownTable = 22;

    /// <summary>MDB_val.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Value
    {
        public nuint Size;
        public byte* Data;

        public readonly ReadOnlySpan<byte> Span => new(Data, checked((int)Size));
    }

    /// <summary>MDB_envinfo.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct EnvironmentInfo
    {
        public void* MapAddress;
        public nuint MapSize, LastPage, LastTransaction;
        public uint MaxReaders, Readers;
    }

    /// <summary>MDB_stat.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Statistics
    {
        public uint PageSize, Depth;
        public nuint BranchPages, LeafPages, OverflowPages, Entries;
    }

    [LibraryImport(Library)]
    public static partial int mdb_env_create(nint* environment);

    [LibraryImport(Library)]
    public static partial int mdb_env_set_mapsize(nint environment, nuint size);

    [LibraryImport(Library)]
    public static partial int mdb_env_set_maxdbs(nint environment, uint count);

    [LibraryImport(Library)]
    public static partial int mdb_env_set_maxreaders(nint environment, uint count);

    [LibraryImport(Library)]
    public static partial int mdb_env_open(nint environment, byte* path, uint flags, uint mode);

    [LibraryImport(Library)]
    public static partial void mdb_env_close(nint environment);

    [LibraryImport(Library)]
    public static partial int mdb_env_sync(nint environment, int force);

    [LibraryImport(Library)]
    public static partial int mdb_env_set_flags(nint environment, uint flags, int on);

    [LibraryImport(Library)]
    public static partial int mdb_env_info(nint environment, EnvironmentInfo* info);

    [LibraryImport(Library)]
    public static partial int mdb_env_stat(nint environment, Statistics* statistics);

    [LibraryImport(Library)]
    public static partial int mdb_reader_check(nint environment, int* dead);

    [LibraryImport(Library)]
    public static partial int mdb_txn_begin(nint environment, nint parent, uint flags, nint* transaction);

    [LibraryImport(Library)]
    public static partial int mdb_txn_commit(nint transaction);

    [LibraryImport(Library)]
    public static partial void mdb_txn_abort(nint transaction);

    [LibraryImport(Library)]
    public static partial void mdb_txn_reset(nint transaction);

    [LibraryImport(Library)]
    public static partial int mdb_txn_renew(nint transaction);

    [LibraryImport(Library)]
    public static partial nuint mdb_txn_id(nint transaction);

    [LibraryImport(Library)]
    public static partial int mdb_dbi_open(nint transaction, byte* name, uint flags, uint* table);

    [LibraryImport(Library)]
    public static partial int mdb_stat(nint transaction, uint table, Statistics* statistics);

    [LibraryImport(Library)]
    public static partial int mdb_get(nint transaction, uint table, Value* key, Value* value);

    [LibraryImport(Library)]
    public static partial int mdb_del(nint transaction, uint table, Value* key, Value* value);

    [LibraryImport(Library)]
    public static partial int mdb_cursor_open(nint transaction, uint table, nint* cursor);

    [LibraryImport(Library)]
    public static partial int mdb_cursor_renew(nint transaction, nint cursor);

    [LibraryImport(Library)]
    public static partial void mdb_cursor_close(nint cursor);

    [LibraryImport(Library)]
    public static partial int mdb_cursor_put(nint cursor, Value* key, Value* value, uint flags);

    [LibraryImport(Library)]
    public static partial int mdb_cursor_get(nint cursor, Value* key, Value* value, int operation);

    [LibraryImport(Library)]
    public static partial nint mdb_strerror(int error);

    /// <summary>The library's words for an error.</summary>
    public static string Describe(int error) => Marshal.PtrToStringUTF8(mdb_strerror(error)) ?? $"error {error}";

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255:The 'ModuleInitializer' attribute should not be used in libraries", Justification = "The name must be mapped before the first native call.")]
    internal static void Register() => NativeLibrary.SetDllImportResolver(typeof(LmdbNative).Assembly, Resolve);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library) return 0;
        foreach (string candidate in (ReadOnlySpan<string>)["liblmdb.so.0", "liblmdb.so", "liblmdb.dylib"])
        {
            if (NativeLibrary.TryLoad(candidate, out nint handle)) return handle;
        }

        throw new DllNotFoundException("LMDB is not installed: install the package liblmdb0");
    }
}
