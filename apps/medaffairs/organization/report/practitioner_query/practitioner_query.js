frappe.query_reports['Practitioner Query'] = {
  filters: [
    { fieldname: 'name_or_pinyin', label: __('Name or Pinyin'), fieldtype: 'Data' },
    { fieldname: 'department', label: __('Department'), fieldtype: 'Link', options: 'Clinical Department' },
    { fieldname: 'profession', label: __('Profession'), fieldtype: 'Select', options: ['', 'Physician', 'Nurse', 'Pharmacist', 'Technician', 'Administrator'] },
    { fieldname: 'title_level', label: __('Title Level'), fieldtype: 'Select', options: ['', 'Senior', 'Associate Senior', 'Intermediate', 'Junior', 'Assistant'] },
    { fieldname: 'surgery_level', label: __('Highest Surgery Level'), fieldtype: 'Select', options: ['', '1', '2', '3', '4'] },
    { fieldname: 'privilege_state', label: __('Privilege State'), fieldtype: 'Select', options: ['', 'With Privileges', 'Without Privileges'] },
    { fieldname: 'employment_status', label: __('Employment Status'), fieldtype: 'Select', options: ['', 'Active', 'On Leave', 'Left'] },
  ],
}
