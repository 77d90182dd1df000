frappe.query_reports['Title Statistics'] = {
  filters: [
    { fieldname: 'department', label: __('Department'), fieldtype: 'Link', options: 'Clinical Department' },
    { fieldname: 'profession', label: __('Profession'), fieldtype: 'Select', options: ['', 'Physician', 'Nurse', 'Pharmacist', 'Technician', 'Administrator'] },
  ],
}
