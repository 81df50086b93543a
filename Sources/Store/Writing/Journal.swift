/// Where a store's changes are written. One thread uses it at a time.
protocol Journal: AnyObject {
    /// Writes `changes` in this order, all or none; durable on return.
    func write(_ changes: [(key: RowKey, row: Row?)]) throws(StorageFailure)
    /// Writes something that changes nothing, to learn whether writing works again.
    func probe() throws(StorageFailure)
    /// Nothing follows.
    func close()
}
